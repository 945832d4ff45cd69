// Every word of the page, in both languages.

export const WORDS = {
  "zh-CN": {
    demo: "演示", title: "alarmd 演示：一次按铃", phonesTitle: "alarmd 模拟电话", phones: "模拟电话", scenario: "剧本", speed: "速度", again: "重新开始", timeline: "经过",
    press: "求助", pressLabel: "按下床头的红色求助按钮", fall: "模拟跌倒",
    answer: "接听", decline: "拒接", hangup: "挂断", keys: "按键", reply: "回复短信", send: "发送",
    idle: "待机", ringing: "来电…", talking: "通话中",
    go: "我去", cannot: "去不了", there: "到了", again_key: "重听",
    standing_by: "救护车待命", driving: "救护车在路上", at_the_door: "救护车到了",
    going: "正在赶来", arrived_at: "到了", nobody: "还没有人出发",
    contacted: "发出第一条消息", accepted: "有人答应", arrived: "到达门口", handed_over: "急救接收",
    good: "结局与剧本一致 ✓", bad: "结局与剧本不符：", lost: "与演示程序的连接断开了，正在重连……",
    light: {
      "": "按钮待命", kept: "求助已记录，正在找人", hold: "请稍候", accepted: "有人答应来了", coming: "人在路上",
      arrived: "人到了", closed: "已结束",
    },
    roles: {
      neighbour: "邻居", volunteer: "志愿者", nurse: "护士", family: "家人", community_worker: "社区工作者",
      circle: "照护圈", resident: "居民", desk: "值班台", dispatch: "急救调度",
    },
    over: { "no-answer": "没有接", busy: "占线", completed: "已挂断", canceled: "已取消", failed: "没有接通" },
  },
  en: {
    demo: "demo", title: "alarmd demo: one press", phonesTitle: "alarmd: simulated phones", phones: "simulated phones", scenario: "Scenario", speed: "Speed", again: "Start again", timeline: "What happened",
    press: "HELP", pressLabel: "Press the red help button by the bed", fall: "Simulate a fall",
    answer: "Answer", decline: "Decline", hangup: "Hang up", keys: "keys", reply: "Reply by text", send: "Send",
    idle: "idle", ringing: "ringing…", talking: "on the phone",
    go: "I go", cannot: "I can't", there: "I'm there", again_key: "again",
    standing_by: "Ambulance standing by", driving: "Ambulance on the way", at_the_door: "The ambulance is there",
    going: "is coming", arrived_at: "has arrived", nobody: "Nobody is on the way yet",
    contacted: "first message out", accepted: "accepted", arrived: "at the door", handed_over: "ambulance took it",
    good: "It ended as the scenario says ✓", bad: "It did not end as the scenario says:",
    lost: "The connection to the demo is lost; trying again …",
    light: {
      "": "Button ready", kept: "Kept; looking for somebody", hold: "Please wait", accepted: "Somebody is coming",
      coming: "Somebody is on the way", arrived: "Somebody has arrived", closed: "Closed",
    },
    roles: {
      neighbour: "neighbour", volunteer: "volunteer", nurse: "nurse", family: "family", community_worker: "care worker",
      circle: "care circle", resident: "resident", desk: "desk", dispatch: "ambulance dispatch",
    },
    over: { "no-answer": "not answered", busy: "engaged", completed: "hung up", canceled: "canceled", failed: "failed" },
  },
};

/** Which of our languages the browser's owner reads first; English where it is none of them. */
export function preferred() {
  for (const tag of navigator.languages ?? [navigator.language]) {
    const base = tag.toLowerCase().split("-")[0];
    if (base === "zh") return "zh-CN";
    if (base === "en") return "en";
  }
  return "en";
}

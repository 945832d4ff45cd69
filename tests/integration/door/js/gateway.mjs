// Speaks as a Zigbee gateway does: an offline will, retained states, a subscription to everything under its own
// prefix, requests answered, commands carried out. Prints what happens to it, one JSON object a line.
import mqtt from "mqtt";

const [port, protocolVersion] = process.argv.slice(2).map(Number);
const base = "zigbee2mqtt";
const state = `${base}/bridge/state`;
const say = (what) => console.log(JSON.stringify(what));

const client = mqtt.connect({
  host: "127.0.0.1",
  port,
  protocolVersion,
  clientId: "mqttjs_gateway",
  clean: true,
  keepalive: 60,
  reconnectPeriod: 100,
  will: { topic: state, payload: Buffer.from('{"state":"offline"}'), qos: 1, retain: true },
});

const publish = (topic, payload, options) => client.publishAsync(topic, JSON.stringify(payload), options);

client.on("error", (fault) => say({ error: String(fault) }));

client.on("connect", async (connack) => {
  say({ connected: connack.sessionPresent, maximum: connack.properties?.maximumPacketSize ?? null });
  await client.subscribeAsync(`${base}/#`);
  await client.subscribeAsync([`${base}/bridge/request/#`], { qos: 2 });
  await publish(state, { state: "online" }, { qos: 1, retain: true });
  await publish(`${base}/bridge/devices`, Array(3000).fill({ definition: "x".repeat(200) }), { qos: 0, retain: true });
  await publish(`${base}/bed_button`, { action: "emergency", battery: 87 }, { qos: 1 });
  await publish(`${base}/bed_lamp`, { state: "OFF" }, { qos: 2, retain: true });
  say({ ready: true });
});

client.on("message", async (topic, payload, packet) => {
  if (topic === `${base}/bridge/request/permit_join`) {
    await publish(`${base}/bridge/response/permit_join`, { data: JSON.parse(payload), status: "ok" }, { qos: 0 });
  } else if (topic === `${base}/bed_lamp/set`) {
    await publish(`${base}/bed_lamp`, JSON.parse(payload), { qos: 1, retain: true });
  } else if (topic === `${base}/bridge/request/leave`) {
    await client.endAsync();
    say({ left: true });
  } else {
    say({ heard: topic, bytes: payload.length, retain: packet.retain });
  }
});

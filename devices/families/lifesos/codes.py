"""The codes of a LifeSOS base unit and its devices: Ademco Contact ID under the names of LifeSOSpy's ``enums.py``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from devices.signal import SignalType

T = SignalType
_NOT_LETTERS = re.compile(r"[^a-z0-9]")


def key(word: str) -> str:
    """A code without case and separators: ``Fire_NearAlarm`` and ``fire near alarm`` are one."""
    return _NOT_LETTERS.sub("", word.lower())


def _names(names: str) -> list[str]:
    return [key(name) for name in names.split()]


CODES: Final[Mapping[str, SignalType | None]] = {
    **dict.fromkeys(_names("Medical PersonalEmergency Panic Duress Silent Audible Duress_AccessGranted"), T.SOS),
    **dict.fromkeys(_names("Duress_EgressGranted"), T.SOS),
    **dict.fromkeys(_names("FailToReportIn SeniorWatchTrouble Inactivity"), T.INACTIVITY),
    "latchkeysupervision": T.NO_CHECK_IN,
    **dict.fromkeys(_names("Fire Smoke Combustion PullStation Duct Flame Fire_NearAlarm WaterFlow"), T.SMOKE),
    "heat": T.HEAT,
    "gasdetected": T.GAS,
    "carbonmonoxidedetected": T.CO,
    "waterleakage": T.WATER,
    **dict.fromkeys(
        _names(
            """Burglary Perimeter Interior AlwaysOnBurglar EntryExit DayNight Outdoor Burglar_NearAlarm
            IntrusionVerifier SilentBurglary FoilBreak ForcedAccess GeneralAlarm AlwaysOnNonBurglary"""
        ),
        T.INTRUDER,
    ),
    **dict.fromkeys(
        _names("Tamper SensorTamper_Alarm SensorTamper_Trouble SensorTamper ExpansionModuleTamper ExpModuleTamper"),
        T.TAMPER,
    ),
    **dict.fromkeys(_names("ACLoss ACPowerLoss ExpModuleACLoss"), T.MAINS_LOST),
    **dict.fromkeys(
        _names(
            """LowSystemBattery RFLowBattery ExpModuleLowBatt LowBattery BatteryLow BatteryTestFailure
            BatteryMissingDead"""
        ),
        T.BATTERY_LOW,
    ),
    **dict.fromkeys(
        _names("LossOfSupervision_RF LossOfSupervision_RPM SensorSupervisionFailure LossOfRadioSupervision"), T.OFFLINE
    ),
    **dict.fromkeys(
        _names(
            """ManualTriggerTestReport PeriodicTestReport PeriodicRFTransmission FireTest WalkTestMode
            PeriodicTest_SystemTroublePresent PointTestedOK PointNotTested IntrusionZoneWalkTested FireZoneWalkTested
            PanicZoneWalkTested Test"""
        ),
        T.TEST,
    ),
    **dict.fromkeys(_names("Cancel PanicAlarmReset"), T.CANCEL),
    **dict.fromkeys(
        _names(
            """OpenClose OCByUser GroupOC AutomaticOC LateToOC DeferredOC RemoteArmDisarm QuickArm KeyswitchOC ArmedSTAY
            KeyswitchArmedSTAY ExceptionOC EarlyOC LateOC FailedToOpen FailedToClose AutoArmFailed PartialArm ExitError
            UserOnPremises RecentClose WrongCodeEntry LegalCodeEntry ReArmAfterAlarm AutoArmTimeExtended
            ServiceOnOffPremises CallbackRequestMade SuccessfulDownloadAccess UnsuccessfulAccess SuccessfulUpload
            AccessDenied AccessReportByUser EgressDenied EgressGranted AccessDoorProppedOpen AccessProgramModeEntry
            AccessProgramModeExit AccessThreatLevelChange AccessRTEShunt AccessDSMShunt AccessZoneShunt
            AccessPointBypass AccessReaderDisable StatusReportToFollow ListenInToFollow VideoXmitterActive
            ServiceRequest EventLogReset EventLog50PctFull EventLog90PctFull TimeDateReset ProgramModeEntry
            ProgramModeExit Hour32EventLogMarker ScheduleChange ExceptionScheduleChange AccessScheduleChange ModuleAdded
            ReservedForAdemcoUse ReservedForAdemcoUse2 ReservedForAdemcoUse3 PanelProgrammingChanged EngineerReset"""
        ),
        None,
    ),
    **dict.fromkeys(
        _names(
            """PollingLoopOpen_Alarm PollingLoopShort_Alarm ExpansionModuleFailure_Alarm Refrigeration LossOfHeat
            DayTrouble LowBottledGasLevel HighTemp LowTemp LossOfAirFlow TankLevel FireSupervisory LowWaterPressure
            LowCO2 GateValveSensor LowWaterLevel PumpActivated PumpFailure SystemTrouble RAMChecksumBad ROMChecksumBad
            SystemReset SelfTestFailure SystemShutdown GroundFault PowerSupplyOvercurrent SounderRelay Bell1 Bell2
            AlarmRelay TroubleRelay ReversingRelay NotificationApplianceCkt3 NotificationApplianceCkt4
            SystemPeripheralTrouble PollingLoopOpen_Trouble PollingLoopShort_Trouble ExpansionModuleFailure_Trouble
            RepeaterFailure LocalPrinterOutOfPaper LocalPrinterFailure ExpModuleDCLoss ExpModuleReset
            ExpModuleSelfTestFail RFReceiverJamDetect CommunicationTrouble Telco1Fault Telco2Fault
            LongRangeRadioXmitterFault FailureToCommunicateEvent LossOfCentralPolling LongRangeRadioVSWRProblem
            ProtectionLoop ProtectionLoopOpen ProtectionLoopShort FireTrouble ExitErrorAlarm PanicZoneTrouble
            HoldUpZoneTrouble SwingerTrouble CrossZoneTrouble SensorTrouble SmokeDetectorHiSensitivity
            SmokeDetectorLowSensitivity IntrusionDetectorHiSensitivity IntrusionDetectorLowSensitivity
            SensorSelfTestFailure SensorWatchTrouble DriftCompensationError MaintenanceAlert
            SystemShutdownCommandReceived DialerShutdownCommandReceived AccessPointDoorStatusMonitorTrouble
            AccessPointRequestToExitTrouble AccessRelayTriggerFail SounderRelayDisable Bell1Disable Bell2Disable
            AlarmRelayDisable TroubleRelayDisable ReversingRelayDisable NotificationApplianceCkt3Disable
            NotificationApplianceCkt4Disable ModuleRemoved DialerDisabled RadioTransmitterDisabled
            RemoteUploadDownloadDisabled ZoneSensorBypass FireBypass AlwaysOnZoneBypass BurgBypass GroupBypass
            SwingerBypass EventLogOverflow TimeDateInaccurate SystemInactivity"""
        ),
        T.FAULT,
    ),
}
"""What each code means when it begins; None for what is known and means nothing. A bypass leaves somebody bare."""

RESTORED: Final[Mapping[SignalType, SignalType]] = {
    T.MAINS_LOST: T.MAINS_BACK,
    T.BATTERY_LOW: T.BATTERY_OK,
    T.OFFLINE: T.ONLINE,
}
CANCELLED: Final = frozenset(
    {T.SOS, T.INACTIVITY, T.NO_CHECK_IN, T.SMOKE, T.HEAT, T.GAS, T.CO, T.WATER, T.INTRUDER, T.CANCEL}
)
TRIGGERS: Final = frozenset(
    {T.MOTION, T.SMOKE, T.HEAT, T.GAS, T.CO, T.WATER, T.INTRUDER, T.DOOR, T.PRESENCE, T.INACTIVITY, T.FALL}
)
"""What a ``Trigger`` may mean by the name of its topic; any other name is a call for help."""

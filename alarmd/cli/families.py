"""What `alarmd check` says of the families that a broker lets alarmd hear, and the rules that let it hear them."""

from __future__ import annotations

from alarmd.cli import access_list, broker_trial
from config.settings import Settings
from config.wording import said, said_of


def access_list_of(settings: Settings) -> str:
    """Mosquitto's access list for these settings."""
    mqtt = settings.mqtt
    user = (mqtt.broker.username if mqtt.broker else None) or "alarmd"
    return access_list.mosquitto(mqtt.families, mqtt.topics, user=user, client_id=mqtt.client_id)


def heard(settings: Settings) -> list[tuple[bool, str]]:
    """Whether what each family's devices say reaches alarmd: well or not, and a sentence."""
    mqtt = settings.mqtt
    assert mqtt.broker is not None
    read = access_list.filters(mqtt.families, mqtt.topics)
    try:
        found = broker_trial.listen(mqtt.broker, mqtt.password.get_secret_value() if mqtt.password else None, read)
    except broker_trial.TrialError as error:
        return [(False, said("not tried: {why}", why=error))]
    # of a family's several filters the first is the plainest
    hidden, untried = ({read[one]: one for one in reversed(list(some))} for some in (found.hidden, found.untried))
    help_ = said("`alarmd check --acl` prints an access list for mosquitto that allows it")
    findings = []
    if hidden:
        text = said_of(
            "the broker's rules hide {number} family from alarmd, so its presses are lost: {families}; {help}",
            "the broker's rules hide {number} families from alarmd, so their presses are lost: {families}; {help}",
            len(hidden),
            families=", ".join(f"{family} ({pattern})" for family, pattern in hidden.items()),
            help=help_,
        )
        findings.append((False, text))
    if untried:
        text = said_of(
            "whether alarmd hears {number} family could not be tried, because it may not write a topic of the check's "
            "own: {families}; {help}",
            "whether alarmd hears {number} families could not be tried, because it may not write topics of the check's "
            "own: {families}; {help}",
            len(untried),
            families=", ".join(f"{family} ({found.untried[pattern]})" for family, pattern in untried.items()),
            help=help_,
        )
        findings.append((False, text))
    text = said_of("alarmd hears {number} family", "alarmd hears all {number} families", len(set(read.values())))
    return findings or [(True, text)]

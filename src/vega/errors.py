"""The error tree. Each docstring is the message that its reader sees by default.

VegaError
├── InvalidInput            what was sent cannot be accepted as it is
│   ├── MalformedInput
│   ├── ImportTooLong
│   └── PromptTooLong
├── NotFound
│   ├── TurnNotFound
│   ├── ModelNotFound
│   ├── FactNotFound
│   ├── ContextNotKept
│   ├── DeviceNotFound
│   ├── KeyNotFound
│   ├── BackupNotFound
│   └── PairingUnknown
├── Gone                    it was there, and is no more
│   ├── TurnForgotten
│   ├── PairingUsed
│   └── PairingExpired
├── Conflict
│   ├── SessionConflict
│   ├── KeyReused
│   ├── TurnEnded
│   ├── FactOver
│   ├── NoAbleModel
│   ├── TurnNotEnded
│   ├── ForgettingChanged
│   ├── AnswerRunning
│   ├── SettingOverridden
│   ├── NameTaken
│   ├── LastKey
│   ├── KeysOverridden
│   ├── TooManyKeys
│   ├── BackupRunning
│   ├── CertificateUnusable
│   ├── PortTaken
│   └── HomeInUse
├── QueueFull
├── ModelError
│   ├── ModelUnavailable    nobody answers: the turn waits
│   │   ├── ModelLoading
│   │   ├── ModelFileRefused
│   │   └── AnswerDelayed
│   └── AttemptFailed       this attempt is over: it counts against the turn
│       ├── AnswerBroken
│       ├── ModelRefused
│       └── ContextOverflow
├── SummaryFailed            the answer stays in full
├── DatabaseError
│   ├── DatabaseDamaged
│   │   ├── BlockDamaged
│   │   ├── TurnDamaged
│   │   ├── BackupDamaged
│   │   └── LogDamaged
│   ├── DiskFailed
│   ├── StorageFull
│   │   └── NoRoomForBackup
│   └── LifeRefused
└── ConfigError

Drivers and connectors translate what they catch at their border into these, with the cause
chained. Nothing here knows HTTP: `vega.api.app` maps classes to statuses.
"""


class VegaError(Exception):
    """Something went wrong in Vega."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


def as_sentence(text: str) -> str:
    """The text with a full stop, so that another sentence can follow it."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


class InvalidInput(VegaError):
    """What was sent cannot be accepted as it is."""


class MalformedInput(InvalidInput):
    """What was sent cannot be read."""


class PromptTooLong(InvalidInput):
    """The prompt is longer than one prompt may be."""


class ImportTooLong(InvalidInput):
    """One request may hold at most 1,000 messages; nothing of it was taken. Send it in parts."""


class NotFound(VegaError):
    """There is nothing by that name."""


class TurnNotFound(NotFound):
    """There is no such turn in this life."""

    def __init__(self, turn_id: int) -> None:
        super().__init__(f"There is no turn {turn_id} in this life.")


class ModelNotFound(NotFound):
    """There is no such model."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no model {name}; `vega model list` shows those that there are.")


class FactNotFound(NotFound):
    """There is no such fact."""

    def __init__(self, fact_id: int) -> None:
        super().__init__(
            f"There is no fact {fact_id}; `vega facts list --all` shows those that there are."
        )


class ContextNotKept(NotFound):
    """What the model saw for this answer was not kept."""

    def __init__(self, turn_id: int) -> None:
        super().__init__(
            f"What the model saw for the answer to turn {turn_id} was not kept: the answer was "
            "imported, failed before it was sent, or was given by an earlier version of Vega."
        )


class DeviceNotFound(NotFound):
    """No such device is paired."""


class KeyNotFound(NotFound):
    """There is no such key; `vega key list` shows those that there are."""


class BackupNotFound(NotFound):
    """There is no such backup; `vega backup list` shows those that there are."""


class PairingUnknown(NotFound):
    """This link pairs nothing here. Run `vega open` on the machine where Vega runs for another."""


class Gone(VegaError):
    """This was there, and is no more."""


class TurnForgotten(Gone):
    """This turn was forgotten."""

    def __init__(self, turn_id: int) -> None:
        super().__init__(
            f"Turn {turn_id} was forgotten, as its owner wished: nothing of it is left but its "
            "place."
        )
        self.turn_id = turn_id


class PairingUsed(Gone):
    """This link was used already. Run `vega open` on the machine where Vega runs for another."""


class PairingExpired(Gone):
    """This link is too old. Run `vega open` on the machine where Vega runs for another."""


class Conflict(VegaError):
    """This contradicts what is already there."""


class SessionConflict(Conflict):
    """Vega has one conversation for life; leave session_id out, or send the permanent one."""


class KeyReused(Conflict):
    """This Idempotency-Key was used for another prompt; use a new key for a new prompt."""


class TurnEnded(Conflict):
    """This turn has ended already; there is no answer left to stop."""


class FactOver(Conflict):
    """This fact does not hold any more."""


class TurnNotEnded(Conflict):
    """This turn is still to be answered; stop it first."""

    def __init__(self, turn_id: int) -> None:
        super().__init__(f"Turn {turn_id} is still to be answered; stop it first.")


class ForgettingChanged(Conflict):
    """What would be forgotten is no longer what was shown; nothing was erased. Look at it again."""


class AnswerRunning(Conflict):
    """An answer is being written that may have read this; try again when it has ended."""


class NoAbleModel(Conflict):
    """The model that answers now may not be trusted with that; choose a better one first."""


class SettingOverridden(Conflict):
    """This setting has no effect, since another one goes before it."""


class NameTaken(Conflict):
    """Another one has this name already; choose a different one."""


class LastKey(Conflict):
    """This is the last key. Make another one first, or say that you mean it."""


class KeysOverridden(Conflict):
    """VEGA_API_KEY is given, which stands in place of all other keys: one more opens nothing."""


class TooManyKeys(Conflict):
    """There are as many keys as there may be; revoke one that you do not need."""


class BackupRunning(Conflict):
    """A backup is being made or verified at this moment; try again when it is done."""


class CertificateUnusable(Conflict):
    """This certificate, or its key, cannot be used."""


class PortTaken(Conflict):
    """Vega cannot listen there."""


class HomeInUse(Conflict):
    """Another Vega is running on this home folder."""


class QueueFull(VegaError):
    """Too many prompts are waiting for their answers; try again in a moment."""


class ModelError(VegaError):
    """The model did not answer."""


class ModelUnavailable(ModelError):
    """No model can be reached."""


class ModelLoading(ModelUnavailable):
    """The model is loading."""


class ModelFileRefused(ModelUnavailable):
    """This file is no chat model that Vega can run."""


class AnswerDelayed(ModelUnavailable):
    """The prompt is kept, and its answer waits for a model."""

    def __init__(self, turn_id: int, reason: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(
            f"{as_sentence(reason)} Your prompt is kept as turn {turn_id} and will be answered as "
            f"soon as possible: GET /api/turns/{turn_id} shows it."
        )
        self.turn_id = turn_id
        #: When it is worth asking again, where that is known better than of other models.
        self.retry_after_seconds = retry_after_seconds


class AttemptFailed(ModelError):
    """The model began, and this attempt failed."""


class AnswerBroken(AttemptFailed):
    """The model's stream broke off without its end mark."""


class ModelRefused(AttemptFailed):
    """The model server refused the request."""


class ContextOverflow(AttemptFailed):
    """The prompt did not fit into the model's window."""


class SummaryFailed(VegaError):
    """The model wrote no summary that may stand for the answer."""


class DatabaseError(VegaError):
    """The database could not do what was asked."""


class DatabaseDamaged(DatabaseError):
    """A page of the life fails its checksum; `vega doctor --repair` saves what is left of it."""


class BackupDamaged(DatabaseDamaged):
    """This backup is not as it was made; use another one."""


class BlockDamaged(DatabaseDamaged):
    """A block of the archive is not what was stored: the disk damaged it."""


class TurnDamaged(DatabaseDamaged):
    """The original of this turn is damaged."""

    def __init__(self, turn_id: int) -> None:
        super().__init__(
            f"The original of turn {turn_id} is damaged in the archive; all others can be read. "
            "`vega doctor --repair` takes it from the newest backup that has it whole."
        )
        self.turn_id = turn_id


class LogDamaged(DatabaseDamaged):
    """The write-ahead log of this life is damaged; `vega doctor --repair` saves what is in it."""


class DiskFailed(DatabaseError):
    """The disk failed; nothing was stored. If it goes on, look at the disk with `journalctl -k`."""


class StorageFull(DatabaseError):
    """The disk is full: nothing was stored. Free some space and send it again."""


class NoRoomForBackup(StorageFull):
    """There is not enough free disk space for a backup; nothing was changed."""


class LifeRefused(DatabaseError):
    """The file that should hold this life is not one that Vega may open; it was left untouched."""


class ConfigError(VegaError):
    """A setting is wrong."""

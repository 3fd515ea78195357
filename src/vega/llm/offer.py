"""The better model that Vega offers its owner, and how it says so."""

from dataclasses import dataclass

from vega.llm import catalogue
from vega.llm.candidates import Candidate
from vega.llm.catalogue import CatalogueModel
from vega.llm.hardware import Machine

_GIGABYTE = 1_000_000_000
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that would be better than the one that answers now, and is not here."""

    id: str
    size_bytes: int
    #: How long it takes to come.
    seconds: int
    #: All of it in a few sentences for the owner.
    text: str


def offer_for(
    machine: Machine, current: Candidate | None, *, is_able: bool, is_automatic: bool
) -> CatalogueModel | None:
    """The catalogue's best for this machine, where it is better than what answers now.

    A server's able model, and an able one that the owner chose, is not talked down.
    """
    best = catalogue.best_for(machine, catalogue.CATALOGUE)
    if best is None or best.id == catalogue.SMOLLM2_135M.id:
        return None
    if current is None:
        return best
    if is_able and (current.model is None or not is_automatic):
        return None
    is_better = current.model is None or best.parameters > current.model.parameters
    return best if is_better else None


def describe(best: CatalogueModel, machine: Machine, current: str | None) -> Offer:
    """The offer in words. `current` is the name of what answers, where it is no able model."""
    seconds = catalogue.seconds_to_fetch(best.size_bytes)
    kind = "real" if best.is_able else "short"
    size, time = size_in_words(best.size_bytes), time_in_words(seconds)
    sentences = [f"For {kind} conversation get {best.id}: {size}, {time}."]
    if current:
        sentences.insert(
            0,
            "Vega remembers what you tell it and finds it again; "
            f"{current} is no conversation partner.",
        )
    if machine.gpus:
        sentences.append(
            f"The engine that comes with Vega does not use the {machine.gpus[0].name}; "
            "Ollama does, and is found where it runs."
        )
    return Offer(best.id, best.size_bytes, seconds, " ".join(sentences))


def size_in_words(size_bytes: int) -> str:
    if size_bytes >= _GIGABYTE:
        return f"{size_bytes / _GIGABYTE:.1f} GB"
    return f"{size_bytes / _MEGABYTE:.0f} MB"


def time_in_words(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 2:
        return "about a minute"
    if minutes < 100:
        return f"about {minutes} minutes"
    return f"about {round(minutes / 60)} hours"

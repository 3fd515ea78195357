"""`POST /api/forget`: what would be forgotten, and then the forgetting of it."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from vega.api.parts import Parts, TheParts
from vega.core.clock import day_of_number
from vega.core.forgetting import ForgetReport
from vega.core.life.forget_plan import DoomedTurn, ForgetPlan, ForgetTarget
from vega.errors import InvalidInput

router = APIRouter(tags=["memory"])

_Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class ForgetRequest(BaseModel):
    """What is to be forgotten, one of three; and the word of who has seen what goes."""

    model_config = ConfigDict(extra="forbid", strict=True)

    turn_id: _Id | None = None
    fact_id: _Id | None = Field(
        default=None, description="The fact, and the turns in which it was told."
    )
    phrase: Annotated[str, Field(max_length=1000)] | None = Field(
        default=None, description="Every turn that holds it, word for word."
    )
    confirm: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="What the answer without it gave: now it is done."
    )

    def target(self) -> ForgetTarget:
        """Raises InvalidInput unless it is just one."""
        if sum(each is not None for each in (self.turn_id, self.fact_id, self.phrase)) != 1:
            raise InvalidInput("Give one of turn_id, fact_id and phrase.")
        return ForgetTarget(self.turn_id, self.fact_id, self.phrase)


@router.post("/api/forget")
async def forget(request: ForgetRequest, parts: TheParts) -> dict[str, Any]:
    """Without `confirm`, what would go, with the token that confirms it; with it, it goes."""
    target = request.target()
    backups = await _backups(parts)
    if request.confirm is None:
        return {**_plan_shape(await parts.forgetting.preview(target)), "backups": backups}
    report = await parts.forgetting.forget(target, request.confirm)
    return {**_report_shape(report), "backups": backups}


async def _backups(parts: Parts) -> list[dict[str, Any]]:
    """Those that hold what was said before they were made, the newest first."""
    found = await parts.backups.list()
    return [{"name": each.name, "created_at": each.created_at.isoformat()} for each in found]


def _plan_shape(plan: ForgetPlan) -> dict[str, Any]:
    return {
        "confirm": plan.token,
        "turns": [_turn_shape(turn) for turn in plan.turns],
        "facts": [
            {
                "id": fact.id,
                "attribute": fact.attribute,
                "value": fact.value,
                "turn_id": fact.turn_id,
            }
            for fact in plan.facts
        ],
        "digests": [
            {"kind": kind, "first_day": day_of_number(day).isoformat()}
            for kind, day in plan.digests
        ],
        "others": list(plan.others),
    }


def _turn_shape(turn: DoomedTurn) -> dict[str, Any]:
    return {
        "turn_id": turn.id,
        "at": turn.at.isoformat(),
        "timezone": turn.zone,
        "tier": turn.tier,
        "prompt": turn.prompt,
        "response": turn.response,
    }


def _report_shape(report: ForgetReport) -> dict[str, Any]:
    return {
        "forgotten": list(report.turn_ids),
        "facts": report.facts,
        "digests": report.digests,
        "is_rewritten": report.is_rewritten,
        "left": list(report.left),
    }

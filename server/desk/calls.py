"""Models, calls and cost as the desk shows them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func
from sqlmodel import col, select

from llm.ledger import CANCELLED, OK
from llm.rules import is_rules
from server.storage.tables import CallRow
from server.world import World

_STATES = {True: "ok", False: "failing", None: "unknown"}


async def models_shown(world: World) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Every role with its model's last known state, calls, tokens and cost; and the sums."""
    figures = await _figures(world)
    rows = [
        {
            "role": role.value,
            "model": state.model,
            "state": _STATES[state.is_ok],
            "since": state.failing_since,
            "last_error": state.error,
            **figures.get(role.value, _NOTHING),
        }
        for role, state in world.models.health().items()
        if role.value in figures or state.is_ok is not None or not is_rules(state.model)
    ]
    return rows, _totals(rows)


_NOTHING: dict[str, Any] = {
    "calls": 0, "failed": 0, "tokens_in": 0, "tokens_out": 0, "cost": None, "cost_note": ""
}  # fmt: skip


async def _figures(world: World) -> dict[str, dict[str, Any]]:
    failed = case((col(CallRow.outcome).in_((OK, CANCELLED)), 0), else_=1)
    unpriced = case((col(CallRow.cost_usd).is_(None), 1), else_=0)
    query = select(
        CallRow.role,
        func.count(),
        func.sum(failed),
        func.coalesce(func.sum(CallRow.prompt_tokens), 0),
        func.coalesce(func.sum(CallRow.completion_tokens), 0),
        func.sum(CallRow.cost_usd),
        func.sum(unpriced),
    ).group_by(CallRow.role)  # type: ignore[call-overload]
    async with world.database.reading() as session:
        found = (await session.exec(query)).all()
    return {
        role: {
            "calls": calls,
            "failed": misses or 0,
            "tokens_in": tokens_in,
            "tokens_out": tokens_out,
            "cost": cost,
            "cost_note": f"without {unknown} calls of unknown price" if unknown and cost is not None else "",
        }
        for role, calls, misses, tokens_in, tokens_out, cost, unknown in found
    }


def _totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    sums: dict[str, Any] = {name: sum(r[name] for r in rows) for name in ("calls", "failed", "tokens_in", "tokens_out")}
    costs = [row["cost"] for row in rows if row["cost"] is not None]
    return {**sums, "cost": sum(costs) if costs else None}

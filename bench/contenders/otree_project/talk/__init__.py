"""The chat on oTree: one live page whose asynchronous `live_method` yields every token as it comes.

Runs in oTree's own environment. That form streams without holding the server's global lock, which a synchronous
`live_method` would hold for a whole reply. Both lines are stored as rows; oTree commits them when the method ends.
"""

from openai import AsyncOpenAI
from otree.api import BaseConstants, BaseGroup, BasePlayer, BaseSubsession, ExtraModel, Page, models

client = AsyncOpenAI()


class C(BaseConstants):
    NAME_IN_URL = "talk"
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = 1


class Subsession(BaseSubsession):
    pass


class Group(BaseGroup):
    pass


class Player(BasePlayer):
    pass


class Line(ExtraModel):
    player = models.Link(Player)
    role = models.StringField()
    text = models.LongStringField()


def creating_session(subsession: Subsession) -> None:
    """Everybody alone in a group, so that a reply is no business of the others."""
    subsession.set_group_matrix([[player] for player in subsession.get_players()])


class Talk(Page):
    @staticmethod
    async def live_method(player: Player, line: dict):
        history = [{"role": one.role, "content": one.text} for one in Line.filter(player=player)]
        history.append({"role": "user", "content": line["text"]})
        reply = ""
        stream = await client.chat.completions.create(model="fake", messages=history, stream=True)
        async for part in stream:
            if part.choices and (token := part.choices[0].delta.content):
                reply += token
                yield {player.id_in_group: {"delta": token}}
        Line.create(player=player, role="user", text=line["text"])
        Line.create(player=player, role="assistant", text=reply)
        yield {player.id_in_group: {"message": reply}}


page_sequence = [Talk]

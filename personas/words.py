"""Words of what people type: stems to compare by, and whether it is English, or writing at all."""

from __future__ import annotations

import re

from core.words import stem, straight

_LAST_LATIN = 0x24F
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+")
_MASH = re.compile(r"asdf|sdfg|dfgh|fghj|hjkl|qwer|wert|zxcv|lorem ipsum|(.)\1{4,}", re.IGNORECASE)
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}", re.IGNORECASE)


def words_of(text: str) -> frozenset[str]:
    """The words that stand in `text` with spaces between them."""
    return frozenset(text.split())


SMALL_WORDS = words_of(
    """the a an and or but to of in on at for with is was are be been am it its it's that thats that's this these those
    i i'm im me my mine you you're youre your yours he she we they them him her his our us not no so just like what
    whats what's how hows how's when where who why which if as about from have had has do does did don't dont didn't
    can can't could would should will there all out up by than then too very really still even some any more most much
    many yes yeah ok okay oh well get got go going want know think feel feeling feels make made say said tell told
    right now"""
)
"""Words so common that sharing them shows nothing."""

_ENGLISH = SMALL_WORDS | words_of("thank thanks sorry honestly good hard work mom dad job sad hi hello help")
_FOREIGN = words_of(
    """el los las una unos que por para con pero muy esta estoy soy mi porque como je suis est les des une pour avec
    mais très pas dans vous tu ich bin nicht und der die das ist ein eine mir sehr aber auf zu non sono che per della
    molto não eu você uma estou meu ik ben niet het een voor lo siento tut mir leid désolé hola bonjour gracias"""
)


def stems(text: str) -> tuple[str, ...]:
    """The words of a text in order, lower-cased and without their commonest endings."""
    return tuple(stem(word) for word in _WORD.findall(straight(text).casefold()))


SMALL_STEMS = frozenset(stem(word) for word in SMALL_WORDS)


def bare(sentence: str) -> str:
    """A sentence as it counts for being said twice: letters and digits only."""
    return "".join(filter(str.isalnum, sentence.casefold()))


def is_other_language(text: str) -> bool:
    """Whether a text has letters of another script, or small words of another language and few English ones."""
    if not text.isascii() and any(ord(letter) > _LAST_LATIN for letter in _LETTER.findall(text)):
        return True
    words = [word.casefold() for word in _WORD.findall(straight(text))]
    foreign = sum(word in _FOREIGN and word not in _ENGLISH for word in words)
    return foreign >= 2 and foreign > sum(word in _ENGLISH for word in words)


def is_gibberish(text: str) -> bool:
    """Whether a text is no writing: nothing but signs, keys hit at random, words that nobody could say."""
    words = [word for word in _WORD.findall(text.casefold()) if not word.isdigit()]
    if not words:
        return True
    if any(word in _ENGLISH for word in words):
        return False
    unsayable = sum(
        bool(_CONSONANTS.search(word) or _MASH.search(word) or not re.search("[aeiouyéèü]", word)) for word in words
    )
    return unsayable * 2 >= len(words) and len("".join(words)) >= 4

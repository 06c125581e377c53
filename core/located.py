"""YAML read with its line numbers, so that every complaint names the file and the line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from core.errors import Unusable
from core.written import MOST_TEXT_BYTES

M = TypeVar("M", bound=BaseModel)
MOST_WRITTEN_OUT = 2 * MOST_TEXT_BYTES
"""Characters and values that a file may come to with every alias written out; without aliases none comes to more."""
_TOO_LARGE = (
    f"written out, the aliases (`*name`) make this more than {MOST_WRITTEN_OUT // 1024:,} KiB: use fewer of them"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file that people write by hand."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Faults(Unusable):
    """Everything that is wrong in files that people write, in order of lines; its message is a line for each fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class _Loader(yaml.SafeLoader):
    """A safe loader that tells the line also of what looks like a value and is none: a date in month 13."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, KeyError, AttributeError):
            kind = node.tag.rpartition(":")[2]
            problem = f"{str(node.value)[:40]!r} cannot be read as {kind}"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None


class LocatedYaml:
    """A YAML document that remembers on which line each of its values stands.

    Raises `Faults` when the text is no YAML, is empty, names a key twice, or has aliases that repeat too much.
    """

    def __init__(self, text: str, *, file: str) -> None:
        self.file, self.text = file, text
        try:
            root = yaml.compose(text, Loader=_Loader)
            if root is not None and _written_out(root, {}) > MOST_WRITTEN_OUT:
                raise Faults([Fault(file, 1, _TOO_LARGE)])
            self.value: Any = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
            twice = [] if root is None else _repeated_keys(root)
        except (yaml.YAMLError, RecursionError) as error:
            line, problem = _problem(error, text)
            raise Faults([Fault(file, line, f"not readable as YAML: {problem}")]) from None
        if root is None:
            raise Faults([Fault(file, 1, "the file is empty")])
        self._root: yaml.Node = root
        if twice:
            raise Faults([Fault(file, line, f"`{key}` stands here a second time") for key, line in twice])

    def line(self, path: Sequence[str | int]) -> int:
        """The line of the value at `path`, or of its nearest ancestor that exists."""
        node, line = self._root, self._root.start_mark.line + 1
        for depth, part in enumerate(path, start=1):
            found = _child(node, part)
            is_tag_of_a_union = found and isinstance(found[0], yaml.ScalarNode) and depth < len(path)
            if found is None or is_tag_of_a_union:
                continue
            node, line = found
        return line

    def fault(self, path: Sequence[str | int], message: str) -> Fault:
        """A complaint about the value at `path`."""
        return Fault(self.file, self.line(path), message)

    def read_as(self, model: type[M]) -> M:
        """The document as `model`; raises `Faults` with a line for every value that does not fit."""
        return self._fit(self.value, model, path=())

    def section_as(self, name: str, model: type[M]) -> M:
        """What stands under the key `name` as `model`; raises as `read_as` does, and `KeyError` without the key."""
        return self._fit(self.value[name], model, path=(name,))

    def _fit(self, value: Any, model: type[M], *, path: tuple[str, ...]) -> M:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            raise Faults([self.fault((*path, *e["loc"]), _sentence(e, path=path)) for e in _causes(error)]) from None


def misplaced(faults: Iterable[tuple[tuple[str | int, ...], str]]) -> ValidationError:
    """For a model's own rule to raise: each message belongs to the value at the path below the model."""
    return ValidationError.from_exception_data(
        "rule",
        [
            InitErrorDetails(type=PydanticCustomError("rule", "{said}", {"said": message}), loc=path, input=None)
            for path, message in faults
        ],
    )


def _problem(error: yaml.YAMLError | RecursionError, text: str) -> tuple[int, str]:
    """Where reading failed, and why, in one line."""
    if isinstance(error, yaml.MarkedYAMLError):
        return (error.problem_mark.line + 1 if error.problem_mark else 1), str(error.problem)
    if isinstance(error, yaml.reader.ReaderError):
        code = ord(text[error.position])
        return text.count("\n", 0, error.position) + 1, f"the character U+{code:04X} is not allowed"
    return 1, "it is nested too deeply"


def _written_out(node: yaml.Node, known: dict[int, int]) -> int:
    """How large `node` is with every alias written out: one for each value in it, and one for each of its characters.

    `known` holds the nodes that were counted. Raises `RecursionError` when a node stands within itself.
    """
    if id(node) not in known:
        inner = node.value if isinstance(node, yaml.SequenceNode) else []
        if isinstance(node, yaml.MappingNode):
            inner = [part for pair in node.value for part in pair]
        own = len(node.value) if isinstance(node, yaml.ScalarNode) else 0
        known[id(node)] = 1 + own + sum(_written_out(part, known) for part in inner)
    return known[id(node)]


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line + 1
    return None


def _repeated_keys(
    node: yaml.Node, *, within: tuple[int, ...] = (), seen: set[int] | None = None
) -> list[tuple[str, int]]:
    """Each key that stands twice in one mapping, with its line; a node that aliases repeat is looked at once.

    Raises `RecursionError` when a node stands within itself.
    """
    seen = set() if seen is None else seen
    if id(node) in within:
        raise RecursionError
    if id(node) in seen:
        return []
    seen.add(id(node))
    found: list[tuple[str, int]] = []
    inner: list[yaml.Node] = list(node.value) if isinstance(node, yaml.SequenceNode) else []
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            if key.value in keys:
                found.append((str(key.value), key.start_mark.line + 1))
            keys.add(key.value)
            inner.append(value)
    for part in inner:
        found += _repeated_keys(part, within=(*within, id(node)), seen=seen)
    return found


def _causes(error: ValidationError) -> list[Any]:
    """The errors without those that only follow from another one deeper down."""
    errors = error.errors()
    places = [e["loc"] for e in errors]
    return [
        e
        for e in errors
        if not (e["type"] == "too_short" and any(p != e["loc"] and p[: len(e["loc"])] == e["loc"] for p in places))
    ]


_KINDS = {
    "union_tag_not_found": "a step needs a `kind`, such as page or survey",
    "missing": "`{name}` is missing",
    "extra_forbidden": "`{name}` is not known here",
    "string_type": "`{name}` must be text",
    "int_type": "`{name}` must be a whole number",
    "int_parsing": "`{name}` must be a whole number",
    "float_type": "`{name}` must be a number",
    "float_parsing": "`{name}` must be a number",
    "bool_type": "`{name}` must be true or false",
    "bool_parsing": "`{name}` must be true or false",
    "tuple_type": "`{name}` must be a list",
    "list_type": "`{name}` must be a list",
    "dict_type": "`{name}` must be a mapping",
    "model_type": "`{name}` must be a mapping",
    "model_attributes_type": "`{name}` must be a mapping",
}


def _sentence(error: Any, *, path: tuple[str, ...]) -> str:
    names = [part for part in (*path, *error["loc"]) if isinstance(part, str)]
    name = names[-1] if names else "the file"
    if error["type"] == "union_tag_invalid":
        return f"`kind` of a step must be {str(error['ctx']['expected_tags']).replace(chr(39), '')}"
    if error["type"] in _KINDS:
        return _KINDS[error["type"]].format(name=name)
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"`{name}`: {message[0].lower()}{message[1:]}"

"""Filters as trees, of whatever columns and operators they name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from conversations.filters.scanner import Scanner

MOST_NESTED = 5
MOST_LISTED = 100
LOGIC = ("and", "or", "not.and", "not.or")
"""Parameters that hold a group instead of naming a column."""

type Joint = Literal["and", "or"]
type Node = Comparison | Group


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and the JSON keys of a path into it."""

    name: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operand` is a tuple for the operator `in`."""

    column: Column
    operator: str
    operand: str | tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    joint: Joint
    members: tuple[Node, ...]
    negated: bool = False


def parse_column(text: str, path: str) -> Column:
    """A column that is the whole text: `name`, `metadata->key`."""
    scanner = Scanner(text, path)
    column = read_column(scanner)
    scanner.expect_end()
    return column


def parse_comparison(column: Column, text: str, path: str) -> Comparison:
    """`[not.]operator.operand`, where a plain operand is taken to the letter."""
    scanner = Scanner(text, path)
    comparison = _read_comparison(column, scanner, is_member=False)
    scanner.expect_end()
    return comparison


def parse_group(name: str, text: str, path: str) -> Group:
    """`(member,member,…)`, the value of a parameter called `name`, one of `LOGIC`."""
    scanner = Scanner(text, path)
    scanner.expect("(")
    group = _read_group(name, scanner, depth=1)
    scanner.expect_end()
    return group


def read_column(scanner: Scanner, *stops: str) -> Column:
    """A column up to one of `stops`; between JSON arrows a key may be quoted."""
    name = scanner.read_until("->", *stops)
    keys = []
    while scanner.take("->>") or scanner.take("->"):
        keys.append(scanner.read_quotable("->", *stops))
    return Column(name, tuple(keys))


def find_comparisons(node: Node) -> Iterator[Comparison]:
    if isinstance(node, Comparison):
        yield node
    else:
        for member in node.members:
            yield from find_comparisons(member)


def _read_group(name: str, scanner: Scanner, depth: int) -> Group:
    """The members and the closing bracket; `name` and the opening one have been read."""
    if depth > MOST_NESTED:
        scanner.fail(f"groups are nested deeper than {MOST_NESTED}")
    members = [_read_member(scanner, depth)]
    while scanner.take(","):
        members.append(_read_member(scanner, depth))
    scanner.expect(")")
    joint: Joint = "or" if name.endswith("or") else "and"
    return Group(joint, tuple(members), negated=name.startswith("not."))


def _read_member(scanner: Scanner, depth: int) -> Node:
    logic = next((name for name in LOGIC if scanner.take(f"{name}(")), None)
    if logic is not None:
        return _read_group(logic, scanner, depth + 1)
    column = read_column(scanner, ".", ",", "(", ")")
    scanner.expect(".")
    return _read_comparison(column, scanner, is_member=True)


def _read_comparison(column: Column, scanner: Scanner, *, is_member: bool) -> Comparison:
    negated = scanner.take("not.")
    operator = scanner.read_until(".", ",", "(", ")")
    scanner.expect(".")
    operand = _read_operand(operator, scanner, is_member)
    return Comparison(column, operator, operand, negated)


def _read_operand(operator: str, scanner: Scanner, is_member: bool) -> str | tuple[str, ...]:
    if operator == "in":
        return _read_list(scanner)
    return scanner.read_quotable(",", ")") if is_member else scanner.read_rest()


def _read_list(scanner: Scanner) -> tuple[str, ...]:
    """`(a,b,"c,d")`."""
    scanner.expect("(")
    if scanner.take(")"):
        return ()
    items = [scanner.read_quotable(",", ")")]
    while scanner.take(","):
        items.append(scanner.read_quotable(",", ")"))
    scanner.expect(")")
    if len(items) > MOST_LISTED:
        scanner.fail(f"a list has more than {MOST_LISTED} values")
    return tuple(items)

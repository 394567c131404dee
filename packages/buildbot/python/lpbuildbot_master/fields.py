"""Reads decoded JSON field by field and collects every mistake, so that one report names all of them."""

from collections.abc import Iterator
from typing import Any


class Fields:
    """One JSON object. A getter gives a neutral value where it notes a mistake, and `close` notes unknown fields."""

    def __init__(self, value: Any, where: str, mistakes: list[str]) -> None:
        self._where = where
        self._mistakes = mistakes
        self._asked: set[str] = set()
        self._value: dict[str, Any] = {}
        if isinstance(value, dict):
            self._value = value
        else:
            self._mistake("", "an object", value)

    def text(self, key: str, longest: int | None = None) -> str:
        value = self._get(key)
        if isinstance(value, str) and value:
            if longest is not None and len(value) > longest:
                self._mistake(key, f"at most {longest} characters", len(value))
            return value
        self._mistake(key, "a text that is not empty", value)
        return "?"

    def optional_text(self, key: str) -> str | None:
        return None if self._get(key) is None else self.text(key)

    def flag(self, key: str) -> bool:
        value = self._get(key)
        if isinstance(value, bool):
            return value
        self._mistake(key, "true or false", value)
        return False

    def number(self, key: str, minimum: float, maximum: float) -> float:
        value = self._get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and minimum <= value <= maximum:
            return value
        self._mistake(key, f"a number from {minimum} to {maximum}", value)
        return minimum

    def optional_number(self, key: str, minimum: float, maximum: float) -> float | None:
        return None if self._get(key) is None else self.number(key, minimum, maximum)

    def integer(self, key: str, minimum: int, maximum: int) -> int:
        value = self.number(key, minimum, maximum)
        if value != int(value):
            self._mistake(key, "a whole number", value)
        return int(value)

    def texts(self, key: str) -> list[str]:
        value = self._get(key)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self._mistake(key, "a list of texts", value)
        return []

    def objects(self, key: str) -> "Iterator[Fields]":
        value = self._get(key)
        if not isinstance(value, list):
            self._mistake(key, "a list of objects", value)
            return
        for index, item in enumerate(value):
            fields = Fields(item, f"{self._path(key)}[{index}]", self._mistakes)
            yield fields
            fields.close()

    def object(self, key: str) -> "Fields":
        return Fields(self._get(key), self._path(key), self._mistakes)

    def optional_object(self, key: str) -> "Fields | None":
        return None if self._get(key) is None else self.object(key)

    def close(self) -> None:
        for key in self._value.keys() - self._asked:
            self._mistakes.append(f"{self._path(key)}: unknown field")

    def _get(self, key: str) -> Any:
        self._asked.add(key)
        return self._value.get(key)

    def _path(self, key: str) -> str:
        return f"{self._where}.{key}" if key else self._where

    def _mistake(self, key: str, expected: str, found: Any) -> None:
        shown = "nothing" if found is None else f"a {type(found).__name__}"
        if isinstance(found, int | float):
            shown = str(found)
        self._mistakes.append(f"{self._path(key)}: expected {expected}, found {shown}")

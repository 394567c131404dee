"""The JSON files: what is missing, of a wrong kind or unknown is named by its path."""

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

from buildbot.config.errors import ConfigErrors

from lpbuildbot_master.fields import Fields
from lpbuildbot_master.settings import _site, load

SITE: dict[str, Any] = {
    "title": "T",
    "url": "http://localhost/",
    "web": {"host": "127.0.0.1", "port": 8010},
    "workers": {"host": "127.0.0.1", "port": 9989},
    "loginsFile": "logins",
    "logRetentionDays": 30,
}
FILES: dict[str, Any] = {
    "pipeline.json": {"format": 1, "projects": []},
    "site.json": SITE,
    "workers.json": {"workers": []},
}


class TestSettings(unittest.TestCase):
    def mistakes(self, **changed: Any) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            for name, value in {**FILES, **{f"{key}.json": value for key, value in changed.items()}}.items():
                if value is not None:
                    text = value if isinstance(value, str) else json.dumps(value)
                    (Path(folder) / name).write_text(text, encoding="utf-8")
            try:
                load(Path(folder))
            except ConfigErrors as errors:
                return list(errors.errors)
            return []

    def test_the_smallest_configuration(self) -> None:
        self.assertEqual(self.mistakes(), [])

    def test_paths_count_from_the_folder(self) -> None:
        for given, expected in [("/etc/secret", "/etc/secret"), ("secret", "/here/secret"), (None, None)]:
            mistakes: list[str] = []
            fields = Fields({**SITE, "webhookSecretFile": given}, "site.json", mistakes)
            self.assertEqual(_site(fields, Path("/here"), mistakes).webhook_secret_file, expected)
            self.assertEqual(mistakes, [])

    def test_a_file_that_is_missing_or_no_json(self) -> None:
        self.assertEqual(self.mistakes(workers=None), ["workers.json: cannot be read: No such file or directory"])
        (mistake,) = self.mistakes(site="{")
        self.assertRegex(mistake, r"^site\.json: not JSON: ")

    def test_every_kind_of_mistake(self) -> None:
        for value, expected in [
            ([], "site.json: expected an object, found a list"),
            ({**SITE, "title": None}, "site.json.title: expected a text that is not empty, found nothing"),
            ({**SITE, "web": {"host": "h"}}, "site.json.web.port: expected a number from 1 to 65535, found nothing"),
            ({**SITE, "web": {"host": "h", "port": True}}, "site.json.web.port: expected a number from 1 to 65535"),
            ({**SITE, "colour": "red"}, "site.json.colour: unknown field"),
            ({**SITE, "databaseUrlFile": "gone"}, "site.json.databaseUrlFile: gone cannot be read: No such file"),
            (
                {**SITE, "webhookSecretFile": 7},
                "site.json.webhookSecretFile: expected a text that is not empty, found 7",
            ),
            ({**SITE, "workersTls": {"keyFile": "k"}}, "site.json.workersTls.certificateFile: expected a text"),
        ]:
            with self.subTest(expected=expected):
                self.assertIn(expected, self.mistakes(site=value)[0])

    def test_a_worker_that_the_database_cannot_name(self) -> None:
        worker = {"name": "w" * 51, "password": "p", "images": [], "capacity": 1}
        self.assertEqual(
            self.mistakes(workers={"workers": [worker]}),
            ["workers.json.workers[0].name: expected at most 50 characters, found 51"],
        )

    def test_a_format_of_another_age(self) -> None:
        self.assertEqual(
            self.mistakes(pipeline={"format": 2, "projects": "new"}),
            ["pipeline.json.format: this master reads format 1 alone"],
        )


if __name__ == "__main__":
    unittest.main()

"""The claims team run in order in one process, over real files and real documents: for tests and benchmarks."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pypdf import PdfReader

from config.demo.claims_columns import PERSONAL_COLUMNS
from orchestration.brains.assignment import Assignment, DocumentRef, ToolDenied, ToolFailed
from orchestration.contracts import check, fires, validate
from orchestration.procedures import PROCEDURES
from orchestration.sources.files import SourceFile, query
from orchestration.sources.problems import ColumnRefused, SourceProblem
from orchestration.teams.gallery import gallery
from orchestration.teams.loading import load
from orchestration.teams.plan import plan

TEAM = plan(load(gallery()["auto-claims"]).data)
MEDIA_TYPES = {".pdf": "application/pdf", ".md": "text/markdown", ".json": "application/json"}


@dataclass
class Office:
    """A folder with policies.csv and claims.csv (or auto_…), perhaps documents; what the tools did is kept."""

    folder: Path
    prefix: str = ""
    pays: bool = True
    denied: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)

    def source(self, name: str) -> SourceFile:
        personal = {column: {"personal": True} for column in PERSONAL_COLUMNS}
        return SourceFile(str(self.folder / f"{self.prefix}{name}.csv"), "csv", personal)


@dataclass
class OfficeTools:
    """The tools of one agent in the office."""

    office: Office
    agent: str

    def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        match tool:
            case "sources.query":
                return self._query(**arguments)
            case "documents.read":
                return self._read(Path(str(arguments["document"])))
            case "documents.write":
                self.office.letters[str(arguments["name"])] = str(arguments["text"])
                return {"document": f"id-of-{arguments['name']}", "revision": 1}
            case "webhook.send" if self.office.pays:
                self.office.sent.append(cast(dict[str, Any], arguments["body"]))
                return {"status": 200}
        raise ToolDenied(f"{tool} is not offered to {self.agent}.")

    def _query(self, source: str, **request: Any) -> dict[str, Any]:
        grant = next((one for one in TEAM.agents[self.agent].grants if one.target == source), None)
        if grant is None:
            raise ToolDenied(f"{source} is not granted to {self.agent}.")
        granted = None if grant.columns is None else frozenset(grant.columns)
        try:
            result = query(self.office.source(source), granted, **request)
        except ColumnRefused as refused:
            self.office.denied.append(f"{self.agent}:{refused.column}")
            raise ToolDenied(str(refused)) from refused
        except SourceProblem as problem:
            raise ToolFailed(str(problem)) from problem
        return {"columns": result.columns, "rows": result.rows, "row_count": result.row_count}

    def _read(self, path: Path) -> dict[str, Any]:
        if path.suffix == ".pdf":
            text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(path.read_bytes())).pages)
        else:
            text = path.read_text()
        about = {"document": str(path), "name": path.name, "revision": 1}
        return about | {"media_type": MEDIA_TYPES[path.suffix], "text": text}


def ask(
    office: Office, agent: str, input: dict[str, Any], results: dict[str, Any] | None = None, *documents: Path
) -> dict[str, Any]:
    """One agent's output, held to the team's contracts: schemas, grants and checks are those of the gallery's team."""
    refs = tuple(DocumentRef(str(path), path.name, 1) for path in documents)
    contract = TEAM.agents[agent]
    assert validate(contract.input_schema, input) == []
    assignment = Assignment(agent, contract.instructions, "Settle the claim", input, results or {}, refs, ())
    output = PROCEDURES[contract.brain.procedure](assignment, OfficeTools(office, agent))
    assert validate(contract.output_schema, output) == []
    context = {"agent": agent, "input": input, "output": output}
    assert [complaint for rule in contract.checks if (complaint := check(rule, context))] == []
    return output


def exceptions_of(agent: str, output: dict[str, Any]) -> list[str]:
    """Names of the team's exceptions that the output raises."""
    context = {"agent": agent, "input": {}, "output": output}
    return [rule.name for rule in TEAM.exceptions if fires(rule.when, context)]


def settle(office: Office, row: Mapping[str, Any], *documents: Path) -> dict[str, dict[str, Any]]:
    """Every agent's output up to the adjudicator, by agent."""
    results: dict[str, dict[str, Any]] = {}
    results["intake"] = ask(office, "intake", dict(row), results, *documents)
    results["coverage"] = ask(office, "coverage", results["intake"], results)
    results["fraud"] = ask(office, "fraud", results["intake"], results)
    joined = {"coverage": results["coverage"], "fraud": results["fraud"]}
    results["assessor"] = ask(office, "assessor", joined, results)
    results["adjudicator"] = ask(office, "adjudicator", results["assessor"], results)
    return results


def rows_of(path: Path) -> list[dict[str, str]]:
    """The records of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))

"""`stancekit predict --engine ray`: the rows of the local engine, made in parts by the workers of a Ray cluster."""

import json
import shutil
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from stancekit.errors import StancekitError
from stancekit.files import write_json, write_text
from stancekit.inference.answering import fits_of
from stancekit.inference.cluster import Cluster, Failure, connected
from stancekit.inference.counting import Counted, counted, refuse_bad
from stancekit.inference.distributed import Count, Done, Job, count, part_name, receipt_name, receipts, rejects_name
from stancekit.inference.inputs import TableLayout
from stancekit.inference.jobs import joined, rejects_of
from stancekit.inference.journal import claimed
from stancekit.inference.model import SHAPE, answering_hash, model_folder
from stancekit.inference.pieces import Piece, cut
from stancekit.inference.places import Folder, Found, found, is_url
from stancekit.inference.proposals import read_proposals
from stancekit.inference.questions import facts_of
from stancekit.manifest import NAME, versions
from stancekit.progress import LOG, progress
from stancekit.stages.predict import RUNTIME, Outcome
from stancekit.tables import WRITABLE

JOB, SUCCESS = "_job.json", "_SUCCESS"
# How parts are cut, named and laid out.
FORMAT = 1
# Pairs a part: minutes on a core, seconds on a GPU, and some 20 MB as JSONL.
PART_PAIRS = 50_000
# Bytes that this process counts alone rather than waking the cluster for them.
COUNTED_HERE = 32 * 2**20
# Rounds over the missing pieces in which none gets done.
FRUITLESS = 3


@dataclass(frozen=True, slots=True)
class Means:
    """How the work is done. workers: None for all of the cluster. address: of a Ray cluster. threads: of a worker on CPUs.

    part_pairs: about so many answers go into a part. part_format: of parts, where the output is a folder.
    """

    workers: int | None = None
    address: str | None = None
    threads: int = 1
    part_pairs: int = PART_PAIRS
    part_format: Literal["parquet", "jsonl"] = "parquet"


@dataclass(frozen=True, slots=True)
class Target:
    """Where answers go: a folder of parts, which a local file is joined from where one is wanted."""

    folder: str
    ending: str
    file: Path | None = None

    @classmethod
    def of(cls, output: str, part_format: str) -> "Target":
        """A local file by its ending, else a folder. Raises StancekitError."""
        file = Path(output)
        if file.suffix.lower() not in WRITABLE:
            return cls(output.rstrip("/"), f".{part_format}")
        if is_url(output):
            raise StancekitError(f"{output} would be one file", fix="at a URL name a folder, which gets a file a part")
        if file.is_dir():
            raise StancekitError(f"cannot write {file}: it is a folder", fix="name a file, or a folder without such an ending")
        # Through JSON, which keeps every number to its last digit.
        return cls(str(file.resolve().with_name(f".{file.name}.ray-parts")), ".jsonl", file)


def predict_ray(
    bundle: Path,
    inputs: Sequence[str],
    proposals: Path | None,
    output: str,
    layout: TableLayout | None = None,
    min_confidence: float = 0.0,
    device: str = "auto",
    strict: bool = False,
    means: Means | None = None,
) -> Outcome:
    """Score as the local engine does, on a Ray cluster.

    inputs: paths, or URLs that fsspec knows. output: a folder or URL, which gets a part a piece of the input, a manifest and at last
    `_SUCCESS`; or a local .jsonl, .csv or .parquet file, which gets what the local engine would write. Bad rows go beside it, or
    end the work before anything is scored when strict. Started again with the same input, a job does what is missing.
    Workers must find bundle and local paths where this process does. Raises StancekitError.
    """
    began, means = time.monotonic(), means or Means()
    target = Target.of(output, means.part_format)
    files = found(inputs)
    _refuse_inputs(target, files, proposals)
    asked = None if proposals is None else tuple(read_proposals(proposals))
    for proposal in asked or ():
        fits_of(bundle)(proposal.text)
    place = bundle.resolve() if bundle.exists() else bundle
    job = Job(place, asked, layout or TableLayout(), device, min_confidence, target.folder, target.ending, means.threads)
    # At a folder or URL, machines that know nothing of each other may work; a file here has one writer, whatever its engine.
    with claimed(target.file) if target.file is not None else nullcontext():
        work = _Work(job, target, _facts(job, files, means))
        if strict and work.finished and work.all is not None:
            # An earlier start, which was not strict, may have set rows aside.
            refuse_bad(work.all, job)
        if not work.finished:
            with connected(means.address, means.workers) as cluster:
                work.go_on(files, means, cluster, strict)
        return work.publish(time.monotonic() - began)


def _refuse_inputs(target: Target, files: Sequence[Found], proposals: Path | None) -> None:
    written = [] if target.file is None else [target.file, rejects_of(target.file)]
    if proposals is not None and proposals.resolve() in {one.resolve() for one in written}:
        raise StancekitError(f"{proposals} is an input and would be an output too", fix="name another --output")
    for file in files:
        place = file.place if is_url(file.place) else str(Path(file.place).resolve())
        folder = target.folder if is_url(target.folder) else str(Path(target.folder).resolve())
        if place in {str(one.resolve()) for one in written} or place.startswith(f"{folder}/"):
            raise StancekitError(f"{file.name} is an input and would be an output too", fix="name another --output")


def _facts(job: Job, files: Sequence[Found], means: Means) -> dict[str, Any]:
    """All that parts depend on, as JSON values."""
    return {
        "version": {"format": FORMAT, "part_pairs": means.part_pairs, "ending": job.ending, **versions(RUNTIME)},
        "model": answering_hash(model_folder(job.bundle)),
        "device": job.device,
        "inputs": [[file.name, file.size, file.version] for file in files],
        **facts_of(job.layout, job.proposals),
        "min_confidence": job.min_confidence,
    }


class _Work:
    """A job from its folder to its output. before: pairs that an earlier start had answered."""

    def __init__(self, job: Job, target: Target, facts: dict[str, Any]) -> None:
        self.job, self.target, self.facts = job, target, facts
        self.folder = Folder(target.folder)
        self.names = self.folder.names()
        self.all = self._begun()
        self.done = {} if self.all is None else receipts(self.folder, self.names, len(self.all.pieces))
        self.before = sum(one.questions for one in self.done.values())

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.all is not None and (SUCCESS in self.names or len(self.done) == len(self.all.pieces))

    def _begun(self) -> Counted | None:
        """What an earlier start of this job had counted. Raises StancekitError where the folder is of another job."""
        if JOB in self.names:
            row = json.loads(self.folder.read(JOB))
            changed = [key for key, value in self.facts.items() if row["facts"].get(key) != value]
            if not changed:
                return Counted(tuple(map(Piece.from_row, row["pieces"])), row["rejected"])
            problem = f"{self.target.folder} holds parts made with another {', '.join(changed)}"
        elif self.names and self.target.file is None:
            problem = f"{self.target.folder} holds files that are no parts"
        else:
            return None
        if self.target.file is None:
            raise StancekitError(problem, fix="name another folder, or remove this one")
        LOG.warning("%s was begun with another %s: starting anew", self.target.file, ", ".join(changed))
        shutil.rmtree(self.target.folder)
        self.names = set()
        return None

    def go_on(self, files: Sequence[Found], means: Means, cluster: Cluster, strict: bool) -> None:
        """Count what is not counted yet, and make the parts that are missing."""
        job = self.job = cluster.placed(self.job)
        if self.all is None:
            pieces = cut(files, max(1, means.part_pairs // (1 if job.proposals is None else len(job.proposals))))
            self.all = counted(pieces, _counts(pieces, job, cluster, sum(file.size for file in files)), job)
        if strict:
            refuse_bad(self.all, job)
        row = {"facts": self.facts, "pieces": [asdict(piece) for piece in self.all.pieces], "rejected": self.all.rejected}
        self.folder.write(JOB, lambda path: write_json(path, row))
        self._make(self.all, cluster)

    def _make(self, every: Counted, cluster: Cluster) -> None:
        fruitless, fault = 0, "its worker died"
        with progress("predicting", every.questions) as advance:
            advance(self.before)
            while missing := [piece for piece in every.pieces if piece.number not in self.done]:
                had = len(self.done)
                for result in cluster.parts(missing, self.job):
                    if isinstance(result, Done):
                        self.done[result.number] = result
                        advance(result.questions)
                    elif result.fix is not None:
                        raise StancekitError(f"a worker stopped: {result.problem}", fix=result.fix)
                    else:
                        fault = result.problem
                # What a worker finished and could not tell any more.
                self.done |= receipts(self.folder, self.folder.names(), len(every.pieces))
                fruitless = fruitless + 1 if len(self.done) == had else 0
                if fruitless == FRUITLESS:
                    piece = missing[0]
                    raise StancekitError(
                        f"part {piece.number} ({piece.spans[0].name}) failed {FRUITLESS} times: {fault}",
                        fix="mend that and start again: what is done is kept. A worker that dies mostly lacks memory: use fewer --workers",
                    )

    def publish(self, seconds: float) -> Outcome:
        """Put the output in its place."""
        assert self.all is not None
        if self.target.file is not None:
            return self._join(self.target.file)
        if SUCCESS in self.names:
            told = json.loads(self.folder.read(NAME))
            return Outcome(
                told["answers"], told["rejected"], Path(self.target.folder) if told["rejected"] else None, before=told["questions"]
            )
        parts = [self.done[piece.number] for piece in self.all.pieces]
        sums = {key: sum(getattr(part, key) for part in parts) for key in ("questions", "answers", "rejected")}
        listed = [{"part": part_name(part.number, self.job.ending), **asdict(part)} for part in parts]
        told = {"stage": "predict", "engine": "ray", "facts": self.facts, **sums, "parts": listed, "wall_seconds": round(seconds, 2)}
        self.folder.write(NAME, lambda path: write_json(path, {**told, "versions": versions()}))
        self.folder.write(SUCCESS, lambda path: write_text(path, ""))
        self.folder.remove([receipt_name(part.number) for part in parts])
        return Outcome(sums["answers"], sums["rejected"], Path(self.target.folder) if sums["rejected"] else None, before=self.before)

    def _join(self, output: Path) -> Outcome:
        parts = [self.done[number] for number in range(len(self.done))]
        scratch = Path(self.target.folder)
        joined([scratch / part_name(part.number, ".jsonl") for part in parts if part.answers], output, scratch, like=SHAPE)
        bad = [scratch / rejects_name(part.number) for part in parts if part.rejected]
        if bad:
            joined(bad, rejects_of(output), scratch)
        else:
            rejects_of(output).unlink(missing_ok=True)
        shutil.rmtree(scratch)
        answers, rejected = sum(part.answers for part in parts), sum(part.rejected for part in parts)
        return Outcome(answers, rejected, rejects_of(output) if rejected else None, before=self.before)


def _counts(pieces: Sequence[Piece], job: Job, cluster: Cluster, size: int) -> dict[int, Count]:
    found: dict[int, Count] = {}
    if size > COUNTED_HERE:
        with progress("counting", len(pieces)) as advance:
            for result in cluster.counts(pieces, job):
                if isinstance(result, Failure):
                    raise StancekitError(f"a worker stopped: {result.problem}", fix=result.fix or "mend that and start again")
                found[result.number] = result
                advance()
    return found | {piece.number: count(piece, job) for piece in pieces if piece.number not in found}

"""The studies that this server offers: read from their folders, kept in every version that anyone took part in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from core.bundle import StudyBundle
from core.errors import NotFound, Unusable
from core.located import Fault, Faults
from server.storage.database import Database
from server.storage.tables import StudyVersionRow
from server.study_folder import read_study, study_folders
from server.times import Now


class Studies:
    """Bundles by slug (what newcomers get) and by hash (what everyone keeps who began with it)."""

    def __init__(self, database: Database, *, now: Now) -> None:
        self._database = database
        self._now = now
        self._current: dict[str, StudyBundle] = {}
        self._by_hash: dict[str, StudyBundle] = {}
        self._folders: dict[str, Path] = {}

    async def load(self, folder: Path, *, scenarios: frozenset[str]) -> None:
        """Read every study below `folder`, or the one that `folder` is. Raises `Unusable`."""
        faults: list[Fault] = []
        for path in study_folders(folder):
            try:
                bundle = read_study(path, scenarios=scenarios)
                await self.add(bundle)
                self._folders[bundle.slug] = path
            except Faults as error:
                faults += error.faults
        if faults:
            raise Faults(faults)

    async def add(self, bundle: StudyBundle) -> None:
        """Offer `bundle` to newcomers; a version not seen before gets its own row and allocation seed.

        Processes that start together agree on the seed. Raises `Unusable` for a copy of another study.
        """
        try:
            await self._keep(bundle)
        except IntegrityError:  # another process was first
            await self._keep(bundle)
        self._current[bundle.slug] = bundle
        self._by_hash[bundle.hash] = bundle

    async def _keep(self, bundle: StudyBundle) -> None:
        async with self._database.writing() as session:
            known = await session.get(StudyVersionRow, bundle.hash)
            if known is not None and known.slug != bundle.slug:
                raise Unusable(
                    f"the study {bundle.slug!r} has the very files of {known.slug!r}: their participants would mix. "
                    "Give it a title of its own."
                )
            if known is None:
                seed = bundle.study.allocation.seed
                session.add(
                    StudyVersionRow(
                        hash=bundle.hash,
                        slug=bundle.slug,
                        bundle=bundle.model_dump_json(),
                        seed=secrets.randbits(53) if seed is None else seed,
                        loaded_at=self._now(),
                    )
                )

    @property
    def offered(self) -> Mapping[str, StudyBundle]:
        return self._current

    def current(self, slug: str) -> StudyBundle:
        """The version that newcomers get. Raises `NotFound`."""
        if slug not in self._current:
            raise NotFound(f"There is no study called {slug[:64]!r} here.")
        return self._current[slug]

    def lesson_file(self, slug: str, name: str) -> Path:
        """The file behind the address of a lesson or its captions. Raises `NotFound` for any other file."""
        address = f"/studies/{slug}/{name}"
        lessons = self.current(slug).lessons.values()
        if slug not in self._folders or not any(address in (lesson.url, lesson.captions_url) for lesson in lessons):
            raise NotFound("There is nothing at this address.")
        return self._folders[slug] / name

    async def version(self, study_hash: str) -> StudyBundle:
        """The version of that hash, also when its folder has changed since."""
        if study_hash not in self._by_hash:
            async with self._database.reading() as session:
                row = (await session.exec(select(StudyVersionRow).where(StudyVersionRow.hash == study_hash))).one()
            self._by_hash[study_hash] = StudyBundle.model_validate_json(row.bundle)
        return self._by_hash[study_hash]

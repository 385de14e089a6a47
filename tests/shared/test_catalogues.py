"""Every text for people has its Indonesian, and catalogues hold nothing else."""

from pathlib import Path

import pytest

from shared.web import catalogues
from shared.web.catalogues import FILE, folders, read, update, wrong

FOLDERS = folders()


@pytest.mark.parametrize("name", FOLDERS)
def test_every_text_is_translated_and_said(name: str) -> None:
    known = None if name == "shared" else read(FOLDERS["shared"])
    assert list(wrong(FOLDERS[name], known)) == []


def folder_saying(folder: Path, *texts: str) -> Path:
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "templates/page.html").write_text("".join(f'{{{{ _("{text}") }}}}' for text in texts))
    return folder


def test_what_is_said_anew_comes_in_empty_and_what_is_said_no_longer_goes(tmp_path: Path) -> None:
    folder = folder_saying(tmp_path, "Save", "%(name)s is away")
    update(folder)
    assert sorted(wrong(folder)) == ["'%(name)s is away' is not translated", "'Save' is not translated"]
    folder_saying(folder, "Save", "Send")
    assert "'Send' is not in" in next(wrong(folder))
    update(folder)
    assert sorted(message.id for message in read(folder) if message.id) == ["Save", "Send"]


def test_a_text_that_loses_what_stands_in_it_is_seen(tmp_path: Path) -> None:
    folder = folder_saying(tmp_path, "%(name)s is away")
    update(folder)
    file = folder / FILE
    file.write_text(file.read_text().replace('msgstr ""', 'msgstr "%(nama)s pergi"'))
    assert any("unknown named placeholder" in line for line in wrong(folder))


def test_a_service_need_not_translate_what_all_say(tmp_path: Path) -> None:
    shared = folder_saying(tmp_path / "shared", "Save")
    update(shared)
    service = folder_saying(tmp_path / "intake", "Save")
    update(service, read(shared))
    assert not (service / FILE).exists()
    assert list(wrong(service, read(shared))) == []


def test_what_is_compiled_is_found_by_the_folders_name(tmp_path: Path) -> None:
    catalogues.compile_to(tmp_path)
    assert (tmp_path / "shared/id/LC_MESSAGES/messages.mo").exists()


def test_all_catalogues_are_updated_at_once_and_what_is_missing_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder_saying(tmp_path / "shared/web", "Save")
    folder_saying(tmp_path / "services/intake", "Save", "Seal")
    (tmp_path / "services/intake/__init__.py").touch()
    assert catalogues.main(tmp_path) == 1
    assert capsys.readouterr().out == "'Save' is not translated\n'Seal' is not translated\n"
    for folder in ("shared/web", "services/intake"):
        file = tmp_path / folder / FILE
        file.write_text(file.read_text().replace('msgstr ""', 'msgstr "Kirim"'))
    assert (catalogues.main(tmp_path), capsys.readouterr().out) == (0, "")

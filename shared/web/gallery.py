"""The living page of all components (`…/ui`): with data, with faults, with the longest names."""

from datetime import timedelta

import flask

from shared.auth.guard import PUBLIC, audience
from shared.web import charts, formats
from shared.web.language import chosen
from shared.web.requests import arrived

_ASPECTS = (
    ("Kebijakan", "Kebijakan Internal Tata Kelola SPBE", 3.00, 0.20, 10, 10),
    ("Perencanaan", "Perencanaan Strategis SPBE", 2.75, 0.00, 4, 4),
    ("TIK", "Teknologi Informasi dan Komunikasi", 3.25, 0.50, 1, 4),
    ("Penyelenggara", "Penyelenggara SPBE", 3.50, 0.00, 2, 2),
    ("Manajemen", "Penerapan Manajemen SPBE", 1.88, 0.25, 1, 8),
    ("Audit", "Pelaksanaan Audit TIK", 1.33, -0.33, 0, 3),
    ("Layanan adm.", "Layanan Administrasi Pemerintahan Berbasis Elektronik", 3.50, 0.30, 0, 10),
    ("Layanan publik", "Layanan Publik Berbasis Elektronik", 3.17, 0.17, 0, 6),
)
_TARGET = 2.6
_BANDS = (("Kurang", 1.8), ("Cukup", 2.6), ("Baik", 3.5), ("Sangat Baik", 4.2), ("Memuaskan", 5.0))
_PAGES = {
    "id": ("Beranda", "Penilaian mandiri", "Bukti", "Klarifikasi", "Hasil"),
    "en": ("Home", "Self-assessment", "Evidence", "Clarification", "Results"),
}


def blueprint() -> flask.Blueprint:
    """The page, which everybody may see and which shows nothing of anybody."""
    pages = flask.Blueprint("gallery", __name__)

    @pages.get("/ui")
    @audience(PUBLIC)
    def gallery() -> str:
        axes = [charts.Axis(short, value, _TARGET) for short, _, value, *_ in _ASPECTS]
        return flask.render_template(
            "gallery/page.html",
            navigation=[
                {"text": text, "href": "#" + text, "active": at == 1}
                for at, text in enumerate(_PAGES[chosen()])
            ],
            breadcrumbs=[
                {"text": "Tata Kelola SPBE", "href": "#"},
                {"text": "Teknologi Informasi dan Komunikasi"},
            ],
            person={"name": "Dr. Raden Ajeng Kartika Wulandari Kusumaningrum, S.Kom., M.T.I.", "csrf": ""},
            role="Koordinator · Kementerian Koordinator Bidang Contoh Pembangunan Daerah Tertinggal",
            deadline=formats.deadline(arrived() + timedelta(days=6, hours=4, minutes=30)),
            deadline_note="Unggahan ditutup 3 Juni",
            aspects=_ASPECTS,
            target=_TARGET,
            now=arrived(),
            radar=charts.radar(axes, most=5),
            scale=charts.scale(2.95, _BANDS, low=1),
        )

    return pages

"""Whom the local issuer offers at its login page: the officers, and everybody of the round that the demo plays."""

from collections.abc import Mapping

ROSTER: Mapping[str, Mapping[str, str]] = {
    "Kementerian / Ministry": {"ministry": "Petugas Satu", "ministry-2": "Petugas Dua"},
    "Instansi / Agencies": {
        "koordinator-kemenko-perekonomian": "Koordinator Kemenko Perekonomian",
        "entri-kemenko-perekonomian": "Petugas Entri Kemenko Perekonomian",
        "koordinator-kota-bandar-lampung": "Koordinator Kota Bandar Lampung",
        "entri-kota-bandar-lampung": "Petugas Entri Kota Bandar Lampung",
        "koordinator-kota-denpasar": "Koordinator Kota Denpasar",
        "entri-kota-denpasar": "Petugas Entri Kota Denpasar",
        "koordinator-kab-aceh-tengah": "Koordinator Kabupaten Aceh Tengah",
        "entri-kab-aceh-tengah": "Petugas Entri Kabupaten Aceh Tengah",
        "koordinator-lembaga-contoh": "Koordinator Lembaga Contoh",
        "entri-lembaga-contoh": "Petugas Entri Lembaga Contoh",
    },
    "Asesor / Assessors": {
        "asesor-1": "Asesor Satu",
        "asesor-2": "Asesor Dua",
        "asesor-3": "Asesor Tiga",
    },
}
_NAMES = {subject: name for group in ROSTER.values() for subject, name in group.items()}


def display_name(subject: str) -> str:
    """How somebody is called: as the list says, else by their subject."""
    return _NAMES.get(subject, subject)

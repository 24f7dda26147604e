"""Publishers whose terms are known by their host, for pages that state no licence themselves."""

from urllib.parse import urlsplit

from memory.rights import LicenceId, Rights

_US = "US Government work"
_BY_HOST: dict[str, tuple[LicenceId, str, str]] = {
    "nasa.gov": ("PD", _US, "https://www.nasa.gov/nasa-brand-center/images-and-media/"),
    "noaa.gov": ("PD", _US, "https://www.noaa.gov/disclaimer"),
    "weather.gov": ("PD", _US, "https://www.weather.gov/disclaimer"),
    "climate.gov": ("PD", _US, "https://www.climate.gov/about"),
    "usgs.gov": ("PD", _US, "https://www.usgs.gov/information-policies-and-instructions/copyrights-and-credits"),
    "nih.gov": ("PD", _US, "https://www.nih.gov/web-policies-notices"),
    "cdc.gov": ("PD", _US, "https://www.cdc.gov/other/agencymaterials.html"),
    "cia.gov": ("PD", _US, "https://www.cia.gov/site-policies/"),
    "voanews.com": ("PD", "US Government work (VOA-produced)", "https://learningenglish.voanews.com/p/6861.html"),
    "wikipedia.org": ("CC-BY-SA", "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
    "wikinews.org": ("CC-BY", "CC BY 2.5", "https://creativecommons.org/licenses/by/2.5/"),
    "plos.org": ("CC-BY", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "globalvoices.org": ("CC-BY", "CC BY 3.0", "https://creativecommons.org/licenses/by/3.0/"),
}


def rights_of_host(url: str, credit: str = "") -> Rights | None:
    """Return what the publisher behind `url` allows for its own pages, or None when its terms are not known."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return None
    for domain, (licence, name, terms) in _BY_HOST.items():
        if host == domain or host.endswith(f".{domain}"):
            return Rights(licence=licence, licence_name=name, licence_url=terms, credit=credit, source_url=url)
    return None

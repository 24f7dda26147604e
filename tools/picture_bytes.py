"""Picture files made safe: size and pixel caps before decoding, metadata stripped, one of two known formats out."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from infra.errors import Invalid

MAX_PICTURE_BYTES = 30_000_000
MAX_PIXELS = 50_000_000
MAX_SIDE = 3840
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF")
_QUALITY = 90


class PictureUnreadable(Invalid):
    """The bytes are no picture that may be used."""

    code = "picture_unreadable"


@dataclass(frozen=True)
class SafePicture:
    """A re-encoded picture: JPEG, or PNG where it is transparent. Sizes in pixels."""

    data: bytes
    width: int
    height: int


def make_safe(data: bytes, min_width: int = 1, min_height: int = 1) -> SafePicture:
    """Decode, turn upright, shrink to at most 3840 pixels a side and encode anew, which leaves EXIF, GPS and hidden payloads behind.

    The header is read first and the pixel count checked before any pixel is decoded. Raises `PictureUnreadable`.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise PictureUnreadable(f"picture: {len(data)} bytes, the limit is {MAX_PICTURE_BYTES}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                return _encoded(_checked(opened, min_width, min_height))
    except Image.DecompressionBombError as error:
        raise PictureUnreadable(f"picture: far more pixels than the limit of {MAX_PIXELS}") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, MemoryError) as error:
        raise PictureUnreadable(f"picture: {len(data)} bytes cannot be decoded ({type(error).__name__})") from error


def picture_size(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels from the header alone, without decoding."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            width, height = opened.size
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PictureUnreadable(f"picture: {len(data)} bytes cannot be read ({type(error).__name__})") from error
    return int(width), int(height)


def _checked(opened: Image.Image, min_width: int, min_height: int) -> Image.Image:
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise PictureUnreadable(f"picture: {width}x{height} pixels, the limit is {MAX_PIXELS} pixels")
    upright = ImageOps.exif_transpose(opened)
    if upright.width < min_width or upright.height < min_height:
        raise PictureUnreadable(f"picture: {upright.width}x{upright.height}, at least {min_width}x{min_height} is needed")
    return upright


def _encoded(picture: Image.Image) -> SafePicture:
    transparent = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    plain = picture.convert("RGBA" if transparent else "RGB")
    plain.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    clean = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    out = io.BytesIO()
    if transparent:
        clean.save(out, "PNG")
    else:
        clean.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return SafePicture(out.getvalue(), clean.width, clean.height)

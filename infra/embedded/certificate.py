"""The certificate by which the other machines of a studio know that they reached it: made by itself, for one address, trusted by copy."""

import base64
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.clock import SYSTEM_CLOCK
from infra.errors import Invalid
from infra.files import write_private

_VALID = timedelta(days=3650)
_RENEWED_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key as PEM files."""

    certificate: Path
    key: Path

    def copy(self) -> str:
        """Return the certificate in one line (base64 of DER), for a setting of another machine."""
        known = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        return base64.b64encode(known.public_bytes(serialization.Encoding.DER)).decode()


def ensure_certificate(folder: Path, address: str) -> Certificate:
    """Return the folder's certificate for `address`, made anew when there is none, it is for another address, or it ends within 30 days."""
    found = Certificate(folder / "listen.pem", folder / "listen.key")
    if not _serves(found, address):
        folder.mkdir(parents=True, exist_ok=True)
        _make(found, address)
    return found


def unpack_certificate(copy: str, target: Path) -> Path:
    """Write the certificate that `Certificate.copy` gave as a PEM file; raises Invalid when it is none."""
    try:
        known = x509.load_der_x509_certificate(base64.b64decode(copy, validate=True))
    except ValueError as error:
        raise Invalid("YTEMPIRE_STUDIO_CERT is not the base64 of a certificate; take the line that `ytempire join` wrote, whole") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    write_private(target, known.public_bytes(serialization.Encoding.PEM).decode())
    return target


def _serves(found: Certificate, address: str) -> bool:
    if not (found.certificate.is_file() and found.key.is_file()):
        return False
    known = x509.load_pem_x509_certificate(found.certificate.read_bytes())
    names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return _name(address) in names and known.not_valid_after_utc - SYSTEM_CLOCK.now() > _RENEWED_BEFORE


def _make(target: Certificate, address: str) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), SYSTEM_CLOCK.now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "YTEMPIRE studio")])
    built = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        # An hour back, so that a machine whose clock is a little behind accepts it.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName([_name(address)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    write_private(target.key, key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode())
    write_private(target.certificate, built.public_bytes(pem).decode())


def _name(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        return x509.DNSName(address)

"""What looks like a secret, by name or by content. Names and shapes only: it cannot know a password, and says what it thinks it saw."""
from __future__ import annotations

import re
from collections.abc import Iterator

NAMES = (
    *(".env", ".env.*", ".envrc", "*.env", ".netrc", "_netrc", ".pypirc", ".git-credentials", ".htpasswd", ".pgpass", ".my.cnf"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"),
    *("credentials.json", "client_secret*.json", "service-account*.json", "service_account*.json", "*.tfstate"),
)
# templates of the above, made to be shared
HARMLESS = (*(f"*{mark}{end}" for mark in (".example", ".sample", ".template", ".dist") for end in ("", ".*")), "example.env", "sample.env")
# what, texts of which each match holds one, and the whole shape: most contents hold none of these, and then no shape is compiled
SHAPES: tuple[tuple[str, tuple[bytes, ...], bytes], ...] = (
    ("a private key", (b"PRIVATE KEY",), rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    ("an AWS key", (b"AKIA", b"ASIA"), rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b(?<!EXAMPLE)"),
    (
        "a GitHub token", (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_"),
        rb"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})",
    ),
    ("a GitLab token", (b"glpat-",), rb"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("an Anthropic key", (b"sk-ant-",), rb"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    ("an OpenAI key", (b"sk-",), rb"\bsk-(?:proj-|svcacct-)[A-Za-z0-9_-]{40,}|\bsk-[A-Za-z0-9]{48}\b"),
    (
        "a Slack token", (b"xox", b"hooks.slack.com"),
        rb"\bxox[abeoprs]-[0-9A-Za-z-]{20,}|hooks\.slack\.com/services/T\w+/B\w+/\w{20,}",
    ),
    ("a Google key", (b"AIza",), rb"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("a Stripe key", (b"k_live_",), rb"\b[rs]k_live_[0-9A-Za-z]{16,}"),
    ("an npm token", (b"npm_",), rb"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a PyPI token", (b"pypi-AgEIcHlwaS5vcmc",), rb"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}"),
    ("a SendGrid key", (b"SG.",), rb"\bSG\.[\w-]{22}\.[\w-]{43}\b"),
    ("a Telegram token", (b":AA",), rb"\b\d{8,10}:AA[\w-]{33}\b"),
    ("a Hugging Face token", (b"hf_",), rb"\bhf_[A-Za-z0-9]{34,}\b"),
    (
        "a login in a URL", (b"://",),
        rb"\b(?:https?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqps?)://[^\s:/@'\"${}<>]+:[^\s:/@'\"${}<>*]{6,}@[\w.-]+",
    ),
)
# Patterns are compiled by `re` on first use: most changes have nothing in them that looks like a secret.
_KEY_GOES_ON = rb"[^\S\n]*(?:\n|\Z)|\\r?\\n|\\n|\s*[A-Za-z0-9+/]{20}"
_MADE_UP = (
    rb"(?i)example|placeholder|dummy|redacted|changeme|password|passw0rd|secret@|your[-_]|xxxx|\*{3}|\.{3}|<|12345678|abcdefgh|(.)\1{7}"
    rb"|@(localhost|127\.|0\.0\.0\.0|db\b|postgres\b|redis\b|host\b)"
)


def named(path: str) -> bool:
    """Whether a file with this name usually holds secrets."""
    name = path.rpartition("/")[2].lower()
    return any(_fits(name, each) for each in NAMES) and not any(_fits(name, each) for each in HARMLESS)


def _fits(name: str, glob: str) -> bool:
    """Whether a glob that knows only `*` means a name. fnmatch would compile a pattern for each of them."""
    first, *rest = glob.split("*")
    if not rest:
        return name == glob
    *middle, last = rest
    at = len(first)
    if not name.startswith(first) or not name.endswith(last) or len(name) < at + len(last):
        return False
    for part in middle:
        at = name.find(part, at, len(name) - len(last))
        if at < 0:
            return False
        at += len(part)
    return True


def found(content: bytes) -> str | None:
    """What a content seems to hold: `a GitHub token`; None when nothing is seen."""
    return next(kinds(content), None)


def kinds(content: bytes) -> Iterator[str]:
    """Each kind of secret that a content seems to hold; what is plainly made up for a document or a test does not count."""
    for what, marks, shape in SHAPES:
        if any(mark in content for mark in marks) and any(_real(what, each) for each in re.finditer(shape, content)):
            yield what


def _real(what: str, found: re.Match[bytes]) -> bool:
    if what == "a private key":  # code that looks for the marker has a quote behind it
        return re.compile(_KEY_GOES_ON).match(found.string, found.end()) is not None
    return len(set(found[0])) >= 10 and not re.search(_MADE_UP, found[0])

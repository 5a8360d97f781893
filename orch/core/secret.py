"""What looks like a secret, by name or by content. Names and shapes only: it cannot know a password, and says what it thinks it saw."""
from __future__ import annotations

import re
from fnmatch import fnmatchcase

NAMES = (
    *(".env", ".env.*", ".envrc", "*.env", ".netrc", "_netrc", ".pypirc", ".git-credentials", ".htpasswd", ".pgpass", ".my.cnf"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"),
    *("credentials.json", "client_secret*.json", "service-account*.json", "service_account*.json", "*.tfstate"),
)
# templates of the above, made to be shared
HARMLESS = (*(f"*{mark}{end}" for mark in (".example", ".sample", ".template", ".dist") for end in ("", ".*")), "example.env", "sample.env")
SHAPES: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (what, re.compile(shape))
    for what, shape in (
        ("a private key", rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
        ("an AWS key", rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b(?<!EXAMPLE)"),
        ("a GitHub token", rb"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})"),
        ("a GitLab token", rb"\bglpat-[A-Za-z0-9_-]{20,}"),
        ("an Anthropic key", rb"\bsk-ant-[A-Za-z0-9_-]{20,}"),
        ("an OpenAI key", rb"\bsk-(?:proj-|svcacct-)[A-Za-z0-9_-]{40,}|\bsk-[A-Za-z0-9]{48}\b"),
        ("a Slack token", rb"\bxox[abeoprs]-[0-9A-Za-z-]{20,}|hooks\.slack\.com/services/T\w+/B\w+/\w{20,}"),
        ("a Google key", rb"\bAIza[0-9A-Za-z_-]{35}\b"),
        ("a Stripe key", rb"\b[rs]k_live_[0-9A-Za-z]{16,}"),
        ("an npm token", rb"\bnpm_[A-Za-z0-9]{36}\b"),
        ("a PyPI token", rb"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}"),
        ("a SendGrid key", rb"\bSG\.[\w-]{22}\.[\w-]{43}\b"),
        ("a Telegram token", rb"\b\d{8,10}:AA[\w-]{33}\b"),
        ("a Hugging Face token", rb"\bhf_[A-Za-z0-9]{34,}\b"),
        ("a login in a URL", rb"\b(?:https?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqps?)://[^\s:/@'\"${}<>]+:[^\s:/@'\"${}<>*]{6,}@[\w.-]+"),
    )
)


def named(path: str) -> bool:
    """Whether a file with this name usually holds secrets."""
    name = path.rpartition("/")[2].lower()
    return any(fnmatchcase(name, each) for each in NAMES) and not any(fnmatchcase(name, each) for each in HARMLESS)


def found(content: bytes) -> str | None:
    """What a content seems to hold: `a GitHub token`; None when nothing is seen."""
    return next((what for what, shape in SHAPES if shape.search(content)), None)

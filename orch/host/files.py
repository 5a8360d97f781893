"""Files as records: read, replace, append. The only writer of state.

A record is replaced, never rewritten: a temporary file in the same directory, fsync, rename, fsync of the directory. A reader sees
the old or the new content, never half, and takes no lock. A line is appended with one write. What does not parse is an error of the
class BadData that names the file; `set_aside` moves it away so that it stops nobody else, and the caller reports it.
"""
from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import stat
import time
from collections.abc import Iterator
from typing import Any

from orch.errors import BadData, Exists, IOFailed, NotAllowed, NotFound, OrchError

Json = dict[str, Any]
Stamp = tuple[int, int, int]
SETTLED_NS = 20_000_000


def failure(error: OSError, path: str) -> OrchError:
    """Translate an OSError about path into the class a person can act on."""
    what = f"{path}: {error.strerror or error}"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return NotFound(what)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return NotAllowed(what, "check the owner and the mode of that directory")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return IOFailed(what, "free some space; nothing was lost, the old content is still there")
    if error.errno == errno.EEXIST:
        return Exists(what)
    return IOFailed(what)


def read_bytes(path: str) -> bytes:
    """Read a plain file. raises BadData for anything else: nobody waits for a pipe that an agent put in the place of a record"""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            info = os.fstat(fd)
            if not stat.S_ISREG(info.st_mode):
                raise BadData(f"{path}: {os.strerror(errno.EISDIR) if stat.S_ISDIR(info.st_mode) else 'not a plain file'}")
            data = os.read(fd, info.st_size + 1)
            while more := os.read(fd, 1 << 20):
                data += more
            return data
        finally:
            os.close(fd)
    except OSError as error:
        raise failure(error, path) from None


def read_given(path: str) -> bytes:
    """Read what a person names on the command line: a pipe or a device as well."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError as error:
        raise failure(error, path) from None


def read_foreign(path: str, limit: int) -> str:
    """As read_foreign_bytes, of UTF-8."""
    return _text(read_foreign_bytes(path, limit), path)


def read_foreign_bytes(path: str, limit: int) -> bytes:
    """Read a file that an agent wrote: a regular one, no link, at most `limit` bytes. raises NotFound; else BadData"""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise failure(error, path) from None
    except OSError as error:
        raise BadData(f"{path}: {error.strerror}", "only a plain file is read") from None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise BadData(f"{path}: not a plain file")
        data = b""
        while len(data) <= limit and (more := os.read(fd, limit + 1 - len(data))):
            data += more
    finally:
        os.close(fd)
    if len(data) > limit:
        raise BadData(f"{path}: more than {limit} bytes")
    return data


def read_text(path: str) -> str:
    return _text(read_bytes(path), path)


def _text(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadData(f"{path}: not UTF-8 ({error.reason} at byte {error.start})") from None


def read_json(path: str) -> Json:
    """Read one JSON object. raises NotFound; BadData when it is anything else"""
    raw = read_bytes(path)
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadData(f"{path}: not JSON ({error})", "it is left as it is; mend it by hand or move it away") from None
    if not isinstance(value, dict):
        raise BadData(f"{path}: expected a JSON object, got {type(value).__name__}")
    return value


def find_json(path: str) -> Json | None:
    """Read one JSON object, or None when there is no such file."""
    try:
        return read_json(path)
    except NotFound:
        return None


def spare_json(path: str) -> Json:
    """Read one JSON object that orch can do without, or make anew: {} when it is not there, or was torn by a power cut."""
    try:
        return read_json(path)
    except (NotFound, BadData):
        return {}


def make_dir(path: str) -> None:
    """Make a directory if it is not there, and those above it: all for this user alone, whatever the umask. It is no other's business."""
    try:
        os.mkdir(path, 0o700)
    except FileExistsError as error:
        if not os.path.isdir(path):
            raise failure(error, path) from None
    except FileNotFoundError as error:
        above = os.path.dirname(path)
        if above in ("", path):
            raise failure(error, path) from None
        make_dir(above)
        make_dir(path)
    except OSError as error:
        raise failure(error, path) from None


def sync_dir(path: str) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def replace(path: str, data: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """Give path new content in one step; missing parent directories are made. durable=False leaves out the two fsyncs (caches)."""
    folder = os.path.dirname(path)
    # by chance: in a container the same numbers come again, also to one that was killed here before
    temporary = os.path.join(folder, f".{os.path.basename(path)}.{os.urandom(6).hex()}.tmp")
    try:
        try:
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        except FileNotFoundError:
            make_dir(folder)
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            write_all(fd, data)
            if durable:
                os.fsync(fd)
        finally:
            os.close(fd)
        try:
            os.rename(temporary, path)
        except IsADirectoryError:  # made by an agent in its attempt directory, or by a slip; nothing in it is lost
            os.rename(path, f"{temporary.removesuffix('.tmp')}.bad")
            os.rename(temporary, path)
        if durable:
            sync_dir(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise failure(error, path) from None


def is_temporary(name: str) -> bool:
    """Whether a file has the name that `replace` gives to what it writes before it is whole."""
    return re.fullmatch(r"\..+\.[0-9a-f]{12}\.tmp", name) is not None


def replace_text(path: str, content: str, *, mode: int = 0o600, durable: bool = True) -> None:
    replace(path, content.encode("utf-8", "surrogateescape"), mode=mode, durable=durable)  # paths may be any bytes


def replace_json(path: str, value: Json, *, durable: bool = True) -> None:
    replace(path, dump(value).encode(), durable=durable)


def dump(value: Any) -> str:
    """JSON for people to read: two spaces, keys in the order given, Unicode as it is."""
    return _json(value, indent=2) + "\n"


def line(value: Any) -> str:
    """JSON on one line, for JSON Lines."""
    return _json(value)


def _json(value: Any, **layout: Any) -> str:
    """THE way from a value to JSON, which any reader takes and UTF-8 can hold, whatever the value is.

    Halves of surrogate pairs are escaped: file names, arguments and agents may hold any. Not a number and infinity become null.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, **layout)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, **layout)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and value - value != 0 else value


def write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def append(path: str, content: str) -> None:
    """Append one line with one write; the directory must exist unless it can be made."""
    data = (content.rstrip("\n") + "\n").encode("utf-8", "surrogateescape")  # paths may be any bytes
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        try:
            fd = os.open(path, flags, 0o600)
        except FileNotFoundError:
            make_dir(os.path.dirname(path))
            fd = os.open(path, flags, 0o600)
        try:
            write_all(fd, data)
        finally:
            os.close(fd)
    except OSError as error:
        raise failure(error, path) from None


def lines(path: str) -> Iterator[Json]:
    """The objects of a JSON Lines file; a torn or foreign line is passed over (an append may have been cut by a crash)."""
    try:
        raw = read_bytes(path)
    except NotFound:
        return
    for each in raw.splitlines():
        try:
            value = json.loads(each)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def names(path: str, *, hidden: bool = False) -> list[str]:
    """The names in a directory, hidden ones only when asked for, in no order; empty when there is no such directory."""
    try:
        return [name for name in os.listdir(path) if hidden or not name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise failure(error, path) from None


def set_aside(path: str, stamp: str) -> str:
    """Move a record that does not parse out of the way, to `<name>.bad-<stamp>`; returns the new path."""
    away = f"{path}.bad-{stamp}"
    try:
        os.rename(path, away)
        return away
    except OSError as error:
        raise failure(error, path) from None


def stamp(path: str) -> Stamp | None:
    """What changes when a file is replaced: (mtime in ns, size, inode); None when it is not there."""
    try:
        info = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise failure(error, path) from None
    return info.st_mtime_ns, info.st_size, info.st_ino


def settled(stamp: Stamp) -> bool:
    """Whether a stamp is old enough to be relied on: clocks of file systems tick in milliseconds, so a file that has just changed may
    change once more without its stamp telling."""
    return stamp[0] < time.time_ns() - SETTLED_NS

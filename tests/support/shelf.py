"""A package index of the tests' own on loopback, and wheels to put on it: small ones, broken ones, installed ones."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
        pass


class Shelf:
    """Wheels in a folder, served as a simple index: a page for each project that links its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(
        self, name: str, version: str, *, asks_for: tuple[str, ...] = (), extra: str = "", broken: bool = False
    ) -> str:
        """Put a small package there.

        Args:
            name: Of the distribution, and of its one module.
            version: Of this release.
            asks_for: Its ``Requires-Dist`` lines.
            extra: An extra that it offers.
            broken: Its module cannot be imported.

        Returns:
            The line that locks it.
        """
        metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
        metadata += [f"Requires-Dist: {one}" for one in asks_for] + ([f"Provides-Extra: {extra}"] if extra else [])
        code = 'raise RuntimeError("this one is not locked")\n' if broken else f'VERSION = "{version}"\n'
        info = f"{name}-{version}.dist-info"
        return self._put(name, version, {f"{name}.py": code.encode(), f"{info}/METADATA": "\n".join(metadata).encode()})

    def put_installed(self, name: str) -> str:
        """Put a pure-Python distribution there as it is installed here; returns the line that locks it."""
        found = distribution(name)
        files = {
            str(file): file.read_binary()
            for file in found.files or ()
            if ".." not in file.parts and file.suffix != ".pyc" and file.name not in {"RECORD", "WHEEL", "INSTALLER"}
        }
        return self._put(name, found.version, files)

    def _put(self, name: str, version: str, files: Mapping[str, bytes]) -> str:
        module = name.replace("-", "_")
        path = self.folder / name.lower() / f"{module}-{version}-py3-none-any.whl"
        path.parent.mkdir(parents=True, exist_ok=True)
        info = next((file.split("/")[0] for file in files if ".dist-info/" in file), f"{module}-{version}.dist-info")
        wheel = b"Wheel-Version: 1.0\nGenerator: alarmd-tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        whole = {**files, f"{info}/WHEEL": wheel}
        record = "".join(f"{file},,\n" for file in (*whole, f"{info}/RECORD"))
        with zipfile.ZipFile(path, "w") as archive:
            for file, content in {**whole, f"{info}/RECORD": record.encode()}.items():
                archive.writestr(file, content)
        return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its address, while it is served."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(self.folder)))
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            serving.join()
            server.server_close()

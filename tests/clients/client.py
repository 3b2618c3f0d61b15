"""A language client of bytes: what the tests of `labc lsp` speak through. Standard library only."""
import collections
import contextlib
import json
import pathlib
import queue
import re
import subprocess
import threading
import time
import urllib.parse

SILENT, ENDED = "silent", "ended"


def request(number, method, params=None):
    return {"jsonrpc": "2.0", "id": number, "method": method} | ({} if params is None else {"params": params})


def notification(method, params=None):
    return {"jsonrpc": "2.0", "method": method} | ({} if params is None else {"params": params})


def framed(message):
    body = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def uri_of(path):
    return "file://" + urllib.parse.quote(str(path))


class Wire:
    """One server process. A thread turns what it says into messages."""

    def __init__(self, command, chunk=0, **more):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more)
        self.inbox, self.chunk = queue.Queue(), chunk
        self.listening = threading.Thread(target=self._listen, daemon=True)
        self.listening.start()

    def _listen(self):
        out = self.process.stdout
        while True:
            length = None
            while (line := out.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if length is None:
                self.inbox.put(None)
                return
            self.inbox.put(json.loads(out.read(length)))

    def bytes(self, data, chunk=None):
        size = chunk or self.chunk or max(1, len(data))
        try:
            for at in range(0, len(data), size):
                self.process.stdin.write(data[at:at + size])
                self.process.stdin.flush()
        except OSError:
            pass
        return self

    def send(self, *messages):
        return self.bytes(b"".join(framed(m) for m in messages))

    def next(self, wanted, timeout=20):
        """The next message for which `wanted` holds; SILENT or ENDED when there is none."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.inbox.get(timeout=left)
            except queue.Empty:
                break
            if message is None:
                return ENDED
            if wanted(message):
                return message
        return SILENT

    def response(self, number, timeout=20):
        return self.next(lambda m: "method" not in m and m.get("id") == number, timeout)

    def code(self, number, timeout=20):
        """The error code of the answer to a request, or its result."""
        answer = self.response(number, timeout)
        return answer["error"]["code"] if "error" in answer else answer if isinstance(answer, str) else answer["result"]

    def exit_code(self, timeout=20):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return "hangs"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.listening.join()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()


EVERYTHING = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"workspaceEdit": {"documentChanges": True}, "workspaceFolders": True,
                  "didChangeWatchedFiles": {"dynamicRegistration": True}},
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True, "codeDescriptionSupport": True,
                               "tagSupport": {"valueSet": [1, 2]}},
        "hover": {"contentFormat": ["markdown"]}, "rename": {"prepareSupport": True},
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source.fixAll"]}}},
    },
}


class Editor(Wire):
    """An editor: texts by path, answers by method."""

    def __init__(self, command, folders, encoding="utf-16", capabilities=None, options=None, **more):
        super().__init__(command, **more)
        self.encoding, self.texts, self.versions, self.number = encoding, {}, {}, 1
        self.shown = collections.defaultdict(list)  # by path: the diagnostics last published
        self.of_version = {}
        caps = json.loads(json.dumps(EVERYTHING if capabilities is None else capabilities))
        if encoding == "utf-8":
            caps["general"] = {"positionEncodings": ["utf-8", "utf-16"]}
        self.capabilities = self.ask("initialize", {
            "processId": None, "rootUri": None, "capabilities": caps, "initializationOptions": options,
            "workspaceFolders": [{"uri": uri_of(f), "name": pathlib.Path(f).name} for f in folders]})["capabilities"]
        self.send(notification("initialized", {}))

    def _note(self, message):
        if message.get("method") == "textDocument/publishDiagnostics":
            p = message["params"]
            path = urllib.parse.unquote(p["uri"].removeprefix("file://"))
            self.shown[path], self.of_version[path] = p["diagnostics"], p.get("version")

    def answer(self, method, params):
        self.number += 1
        self.send(request(self.number, method, params))

        def mine(m):
            self._note(m)
            return "method" not in m and m.get("id") == self.number
        got = self.next(mine)
        if isinstance(got, str):
            raise AssertionError(f"{method}: {got}")
        return got

    def ask(self, method, params):
        got = self.answer(method, params)
        if "error" in got:
            raise AssertionError(f"{method}: {got['error']}")
        return got["result"]

    def refused(self, method, params):
        return self.answer(method, params)["error"]

    def open(self, path, text=None):
        path = str(path)
        self.texts[path] = pathlib.Path(path).read_bytes().decode() if text is None else text
        self.versions[path] = 1
        self.send(notification("textDocument/didOpen", {"textDocument": {
            "uri": uri_of(path), "languageId": "lab", "version": 1, "text": self.texts[path]}}))
        return self

    def edit(self, path, begin, end, added):
        """Replaces characters of the text, by offsets in code points."""
        path, text = str(path), self.texts[str(path)]
        change = {"range": {"start": self.position(text, begin), "end": self.position(text, end)}, "text": added}
        self.texts[path] = text[:begin] + added + text[end:]
        return self.changes(path, [change])

    def changes(self, path, changes):
        self.versions[path] += 1
        return self.send(notification("textDocument/didChange", {
            "textDocument": {"uri": uri_of(path), "version": self.versions[path]}, "contentChanges": changes}))

    def close(self, path):
        self.versions.pop(str(path))
        return self.send(notification("textDocument/didClose", {"textDocument": {"uri": uri_of(path)}}))

    def settled(self, path):
        """The diagnostics of the text as it is."""
        path = str(path)
        if self.of_version.get(path) != self.versions[path]:
            def right(m):
                self._note(m)
                return self.of_version.get(path) == self.versions[path]
            if isinstance(got := self.next(right), str):
                raise AssertionError(f"no diagnostics for version {self.versions[path]} of {path}: {got}")
        return self.shown[path]

    def units(self, text):
        return len(text.encode("utf-8")) if self.encoding == "utf-8" else len(text.encode("utf-16-le")) // 2

    def position(self, text, offset):
        before = re.split(r"\r\n|\n|\r", text[:offset])
        if offset and text[offset - 1] == "\r" and text[offset:offset + 1] == "\n":
            before = before[:-2] + [before[-2]]     # between the halves of a line break is its line's end
        return {"line": len(before) - 1, "character": self.units(before[-1])}

    def offset(self, text, position):
        """The code point at a position."""
        at = 0
        for _ in range(position["line"]):
            at = re.compile(r"\r\n|\n|\r").search(text, at).end()
        count = 0
        while count < position["character"]:
            count += self.units(text[at])
            at += 1
        return at

    def at(self, path, marked, inside=0):
        """Parameters for the first place where `marked` stands, `inside` characters behind its beginning."""
        text = self.texts[str(path)]
        where = text.index(marked)
        return {"textDocument": {"uri": uri_of(path)}, "position": self.position(text, where + inside)}

    def applied(self, edit):
        """The texts by path after a workspace edit; files that are not open are read."""
        changes = edit.get("changes") or {c["textDocument"]["uri"]: c["edits"] for c in edit["documentChanges"]}
        out = {}
        for uri, edits in changes.items():
            path = urllib.parse.unquote(uri.removeprefix("file://"))
            text = self.texts[path] if path in self.texts else pathlib.Path(path).read_bytes().decode()
            out[path] = self.edited(text, edits)
        return out

    def edited(self, text, edits):
        places = [(self.offset(text, e["range"]["start"]), self.offset(text, e["range"]["end"]), e["newText"]) for e in edits]
        for begin, end, added in sorted(places, reverse=True):
            text = text[:begin] + added + text[end:]
        return text

    def quit(self):
        self.ask("shutdown", None)
        return self.send(notification("exit")).exit_code()

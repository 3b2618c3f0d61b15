"""The base protocol and the life cycle of `labc lsp`: wire_test.py LABC [CHUNK].

With CHUNK every message is written in pieces of so many bytes. Each check is one rule of LSP 3.17 or JSON-RPC 2.0,
and, where a rule is about what goes wrong, that the server lives on."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from client import ENDED, SILENT, Wire, framed, notification, request, uri_of

CHUNK = int(sys.argv.pop(2)) if len(sys.argv) > 2 else 0
LABC = pathlib.Path(sys.argv.pop(1)).resolve()
HERE = tempfile.TemporaryDirectory()


def initialize(number=1, process=None, capabilities=None):
    return request(number, "initialize", {"processId": process, "rootUri": None, "capabilities": capabilities or {}})


def unknown(number):
    """Whether it lives: a method that nobody has."""
    return request(number, "no/such")


def hover(number, uri="file:///x.lab", line=0):
    return request(number, "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": line, "character": 0}})


class WireTest(unittest.TestCase):
    def server(self, *flags):
        wire = Wire([LABC, "lsp", *flags], CHUNK, env={**os.environ, "XDG_CACHE_HOME": HERE.name})
        self.addCleanup(wire.kill)
        return wire

    def started(self, **more):
        wire = self.server()
        wire.send(initialize(**more)).response(1)
        return wire.send(notification("initialized", {}))

    def lives(self, wire):
        self.assertEqual(wire.send(unknown("alive")).code("alive"), -32601)


class LifeCycle(WireTest):
    def test_a_request_before_initialize_is_refused(self):
        self.assertEqual(self.server().send(hover(5)).code(5), -32002)

    def test_an_unknown_request_before_initialize_is_refused_alike(self):
        self.assertEqual(self.server().send(unknown(5)).code(5), -32002)

    def test_a_notification_before_initialize_is_dropped(self):
        wire = self.server().send(notification("textDocument/didOpen", {}))
        self.assertEqual(type(wire.send(initialize()).code(1)), dict)

    def test_exit_before_initialize(self):
        self.assertEqual(self.server().send(notification("exit")).exit_code(), 1)

    def test_initialize_twice(self):
        self.assertEqual(self.started().send(initialize(2)).code(2), -32600)

    def test_shutdown_answers_null_and_then_refuses(self):
        wire = self.started()
        answer = wire.send(request(2, "shutdown")).response(2)
        self.assertIn("result", answer)
        self.assertIsNone(answer["result"])
        self.assertEqual(wire.send(hover(3)).code(3), -32600)
        self.assertEqual(wire.send(request(4, "shutdown")).code(4), -32600)
        self.assertEqual(wire.send(notification("exit")).exit_code(), 0)

    def test_exit_without_shutdown(self):
        self.assertEqual(self.started().send(notification("exit")).exit_code(), 1)

    def test_the_input_ends_without_exit(self):
        wire = self.started()
        wire.process.stdin.close()
        self.assertEqual(wire.exit_code(), 1)

    def test_the_input_ends_in_the_middle_of_a_message(self):
        wire = self.started().bytes(b"Content-Length: 100\r\n\r\n{")
        wire.process.stdin.close()
        self.assertEqual(wire.exit_code(), 1)

    def test_the_client_dies_and_leaves_its_pipes_open(self):
        client = subprocess.Popen(["sleep", "60"])
        wire = self.started(process=client.pid)
        client.kill()
        client.wait()
        self.assertEqual(wire.exit_code(), 1)

    def test_stdio_is_understood(self):
        self.assertEqual(type(self.server("--stdio").send(initialize()).code(1)), dict)


class Dispatch(WireTest):
    def test_unknown_requests_and_dollar_requests(self):
        wire = self.started().send(notification("$/odd"), request(2, "$/odd"), unknown("text"))
        self.assertEqual(wire.code(2), -32601)
        self.assertEqual(wire.code("text"), -32601)

    def test_an_unknown_notification_is_not_answered(self):
        wire = self.started().send(notification("no/such"), unknown(2))
        first = wire.next(lambda m: "id" in m)
        self.assertEqual(first["id"], 2)

    def test_ids_come_back_as_they_are(self):
        wire = self.started()
        for number in (0, -7, 2**31, "", "é", "1"):
            self.assertEqual(wire.send(unknown(number)).code(number), -32601)

    def test_responses_and_cancels_of_what_nobody_asked(self):
        wire = self.started().send({"jsonrpc": "2.0", "id": 99, "result": None}, notification("$/cancelRequest", {"id": 404}))
        self.lives(wire)

    def test_a_cancelled_request_is_answered_all_the_same(self):
        folder = pathlib.Path(HERE.name) / "cancel"
        folder.mkdir(exist_ok=True)
        uri = uri_of(folder / "a.lab")
        wire = self.started().send(notification("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "lab", "version": 1, "text": "let a = 1\n"}}))
        wire.send(*[m for n in range(10, 40) for m in (hover(n, uri), notification("$/cancelRequest", {"id": n}))])
        for number in range(10, 40):
            answer = wire.response(number)
            self.assertTrue("result" in answer or answer["error"]["code"] == -32800, answer)

    def test_changes_of_texts_that_are_not_open(self):
        document = {"uri": "file:///nowhere/a.lab", "version": 3}
        wire = self.started().send(notification("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": ""}]}),
                                   notification("textDocument/didClose", {"textDocument": document}))
        self.lives(wire)

    def test_params_of_the_wrong_type(self):
        wire = self.started()
        for number, params in enumerate(({"textDocument": 3}, {"textDocument": {"uri": 1}, "position": {}}, [], None,
                                         {"textDocument": {"uri": "file:///x"}, "position": {"line": "1", "character": 0}}), 20):
            self.assertEqual(wire.send(request(number, "textDocument/hover", params)).code(number), -32602, params)

    def test_every_notification_survives_wrong_params(self):
        wire = self.started()
        for method in ("didOpen", "didChange", "didClose", "didSave"):
            for params in (None, 1, [], {}, {"textDocument": {}}, {"textDocument": {"uri": 3, "version": "x", "text": 5}}):
                wire.send(notification(f"textDocument/{method}", params))
        for method in ("didChangeWatchedFiles", "didChangeWorkspaceFolders", "didChangeConfiguration"):
            for params in (None, 1, {}, {"changes": 3, "event": 4, "settings": 5}):
                wire.send(notification(f"workspace/{method}", params))
        self.lives(wire)

    def test_every_request_survives_wrong_params(self):
        wire = self.started()
        number = 100
        for method in ("hover", "definition", "references", "documentHighlight", "completion", "signatureHelp", "documentSymbol", "formatting",
                       "codeAction", "prepareRename", "rename", "semanticTokens/full", "semanticTokens/range", "foldingRange", "inlayHint",
                       "documentLink", "selectionRange", "diagnostic"):
            for params in ({}, {"textDocument": {"uri": "file:///not/open.lab"}, "position": {"line": 0, "character": 0}}, 7):
                number += 1
                self.assertIn(wire.send(request(number, f"textDocument/{method}", params)).code(number), (-32602, -32803), method)

    def test_messages_that_are_no_requests(self):
        wire = self.started()
        for body in (b"1", b"null", b'"x"', b"[]", b"[1]"):
            self.assertEqual(wire.send(body).code(None), -32600, body)
        self.assertEqual(wire.send({"jsonrpc": "2.0", "id": 2, "method": 5}).code(2), -32600)
        self.assertEqual(wire.send({"jsonrpc": "2.0", "id": [1], "method": "x"}).code(None), -32600)
        self.lives(wire)


class Framing(WireTest):
    def test_broken_json(self):
        wire = self.started()
        for body in (b'{"jsonrpc":"2.0","id":3,', b"", b"{}}", b"\xef\xbb\xbf{"):
            self.assertEqual(wire.send(body).code(None), -32700, body)
        self.lives(wire)

    def test_invalid_utf8(self):
        wire = self.started()
        self.assertEqual(wire.send(b'{"jsonrpc":"2.0","id":3,"method":"a\xff"}').code(None), -32700)
        self.lives(wire)

    def test_deep_json(self):
        wire = self.started()
        for opened, closed in ((b"[", b"]"), (b'{"a":', b"}")):
            body = b'{"jsonrpc":"2.0","id":3,"method":"x","params":' + opened * 100000 + b"1" + closed * 100000 + b"}"
            wire.bytes(framed(body), chunk=len(body) + 100)
            self.assertEqual(wire.code(None), -32700)
        self.lives(wire)

    def test_headers_in_other_orders_and_cases(self):
        wire = self.started()
        for number, head in enumerate((b"Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: %d\r\n",
                                       b"content-length:%d\r\n", b"CONTENT-LENGTH:   %d  \r\n",
                                       b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n"), 10):
            body = json.dumps(unknown(number)).encode()
            self.assertEqual(wire.bytes(head % len(body) + b"\r\n" + body).code(number), -32601)

    def test_lengths_count_bytes(self):
        wire = self.started()
        for number in (50, 51):
            message = request(number, "é😀")
            self.assertEqual(wire.send(message).code(number), -32601)

    def test_pieces_and_several_in_one(self):
        wire = self.started()
        self.assertEqual(wire.bytes(framed(unknown(2)), chunk=1).code(2), -32601)
        both = framed(unknown(3)) + framed(unknown(4))
        self.assertEqual(wire.bytes(both, chunk=len(both)).code(4), -32601)

    def test_five_hundred_at_once(self):
        wire = self.started()
        data = b"".join(framed(unknown(n)) for n in range(100, 600))
        wire.bytes(data, chunk=len(data))
        self.assertEqual([wire.response(n)["id"] for n in range(100, 600)], list(range(100, 600)))

    def test_lengths_that_cannot_be(self):
        for head in (b"Content-Length: 1125899906842624", b"Content-Length: -1", b"Content-Length: x", b"X: 1"):
            wire = self.started().bytes(head + b"\r\n\r\n{}")
            self.assertEqual(wire.exit_code(), 1, head)

    def test_no_header_at_all(self):
        self.assertEqual(self.started().bytes(b"x" * 100000).exit_code(), 1)

    def test_nothing_else_is_written_to_the_output(self):
        done = subprocess.run([LABC, "lsp"], input=framed(initialize()) + framed(request(2, "shutdown")) + framed(notification("exit")),
                              capture_output=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 0)
        rest = done.stdout
        count = 0
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            length = int(head.split(b":")[1])
            json.loads(rest[:length])
            rest = rest[length:]
            count += 1
        self.assertEqual((count, done.stderr), (2, b""))


class Encodings(WireTest):
    def encoding(self, offered):
        answer = self.server().send(initialize(capabilities={"general": {"positionEncodings": offered}} if offered else {})).code(1)
        return answer["capabilities"]["positionEncoding"]

    def test_utf16_unless_utf8_is_offered(self):
        self.assertEqual([self.encoding(o) for o in (None, [], ["utf-16"], ["utf-32", "utf-16"], ["utf-8", "utf-16"], ["utf-16", "utf-8"])],
                         ["utf-16"] * 4 + ["utf-8"] * 2)

    def test_silence_is_no_answer_and_the_end_is_the_end(self):
        wire = self.started()
        self.assertEqual(wire.next(lambda m: m.get("id") == 77, timeout=0.2), SILENT)
        wire.send(notification("exit"))
        self.assertEqual(wire.next(lambda m: False), ENDED)


if __name__ == "__main__":
    unittest.main()

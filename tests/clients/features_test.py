"""What an editor is told about the example lab: features_test.py LABC ROOT."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from client import EVERYTHING, Editor, uri_of

LABC, ROOT = pathlib.Path(sys.argv.pop(1)).resolve(), pathlib.Path(sys.argv.pop(1)).resolve()


class FeatureTest(unittest.TestCase):
    maxDiff = None
    encoding = "utf-16"

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.work = pathlib.Path(holder.name)
        self.lab = self.work / "my lab ü"         # a folder whose URI has to be escaped
        shutil.copytree(ROOT / "examples/talos-media", self.lab, ignore=shutil.ignore_patterns("out", "expected"))
        self.env = {**os.environ, "XDG_CACHE_HOME": str(self.work / "cache")}
        self.media = self.lab / "media.lab"

    def editor(self, file=None, capabilities=None, text=None):
        editor = Editor([LABC, "lsp"], [self.lab], self.encoding, capabilities, env=self.env)
        self.addCleanup(editor.kill)
        return editor.open(file or self.media, text)

    def hover(self, editor, marked, inside=0, file=None):
        answer = editor.ask("textDocument/hover", editor.at(file or self.media, marked, inside))
        return answer and answer["contents"]["value"]

    def labels(self, editor, marked, inside=None, file=None):
        where = editor.at(file or self.media, marked, len(marked) if inside is None else inside)
        return [i["label"] for i in editor.ask("textDocument/completion", where)["items"]]

    def place(self, location):
        """`file: text` of a location."""
        path = pathlib.Path(location["uri"].removeprefix("file://").replace("%20", " ").replace("%C3%BC", "ü"))
        line = location["range"]["start"]["line"]
        return f"{path.name}: {path.read_text().splitlines()[line].strip()}"


class Hover(FeatureTest):
    def test_a_field_with_its_type_default_documentation_and_value(self):
        text = self.hover(self.editor(), "port http = 32400")
        self.assertIn("port: ", text)
        text = self.hover(self.editor(), "image = \"lscr.io/linuxserver/plex")
        self.assertIn("image: image", text)
        self.assertIn("Image, with tag and digest.", text)
        self.assertIn("= `\"lscr.io/linuxserver/plex", text)

    def test_a_resource_with_what_is_computed(self):
        text = self.hover(self.editor(), "sonarr.http, radarr.http", 2)
        self.assertIn("app sonarr in media like sso-app", text)
        self.assertIn("- `url` = `\"https://sonarr.int.example.net\"`", text)

    def test_a_constant_with_its_value(self):
        self.assertIn("= `[servers, k8s]`", self.hover(self.editor(), "in lans:", 4))

    def test_a_host_part_with_its_address(self):
        file = self.lab / "machines.lab"
        self.assertIn("192.168.40.51", self.hover(self.editor(file), "= .51", 3, file))

    def test_a_secret_shows_no_text(self):
        file = self.lab / "hardware.lab"
        self.assertIn("secret pve-token = given", self.hover(self.editor(file), "secret.pve-token", 8, file))

    def test_a_word_with_the_words_beside_it(self):
        file = self.lab / "machines.lab"
        text = self.hover(self.editor(file), "= q35", 2, file)
        self.assertIn("`q35` is one of its words", text)
        self.assertIn("i440fx", text)

    def test_a_function_that_is_built_in(self):
        self.assertIn("join(", self.hover(self.editor(), "join([", 1))

    def test_nothing_in_comments(self):
        self.assertIsNone(self.hover(self.editor(), "What every app"))


class Places(FeatureTest):
    def definition(self, editor, marked, inside=0, file=None):
        found = editor.ask("textDocument/definition", editor.at(file or self.media, marked, inside))
        return [self.place(one) for one in found or []]

    def test_definitions_across_files(self):
        editor = self.editor()
        self.assertEqual(self.definition(editor, "run = media-user", 8), ["lab.lab: let media-user = user(3001)                    // owns every file on the NAS; the gid is the same"])
        self.assertRegex(self.definition(editor, "in media like media-app", 4)[0], r"^cluster\.lab: namespace media")
        self.assertEqual(self.definition(editor, "plex.http, sonarr", 6), ["media.lab: port http = 32400"])
        self.assertEqual(self.definition(editor, "n.cidr", 0), ["media.lab: env ALLOWED_NETWORKS = join([for n in lans: \"${n.cidr}\"], \",\")"])

    def test_definitions_in_the_standard_library_can_be_opened(self):
        found = self.definition(self.editor(), "image = ")
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], r"^apps\.lab: image:")

    def test_references(self):
        editor = self.editor()
        where = editor.at(self.media, "app sonarr", 5)
        found = editor.ask("textDocument/references", {**where, "context": {"includeDeclaration": True}})
        places = [self.place(one) for one in found]
        self.assertTrue(any(p.startswith("media.lab") and "app sonarr in media" in p for p in places), places)
        self.assertTrue(any("calls" in p for p in places), places)
        self.assertGreaterEqual(len(places), 3)
        without = editor.ask("textDocument/references", {**where, "context": {"includeDeclaration": False}})
        self.assertEqual(len(without), len(found) - 1)

    def test_bodies_of_environments_and_tests(self):
        file = self.lab / "policy.lab"
        editor = self.editor(file)
        self.assertRegex(self.definition(editor, "plex.env.ADVERTISE_IP", 1, file)[0], "media.lab: app plex in media")
        self.assertRegex(self.definition(editor, "on pve-lenovo like node", 4, file)[0], "hardware.lab: host pve-lenovo")
        self.assertRegex(self.definition(editor, "schedule-on-control-plane", 1, file)[0], "cluster.lab: schedule-on-control-plane: ")
        self.assertIn("vlan: ", self.hover(editor, "vlan = 50", 1, file))
        hardware = self.lab / "hardware.lab"
        editor.open(hardware)
        found = editor.ask("textDocument/references", {**editor.at(hardware, "host pve-lenovo", 6), "context": {"includeDeclaration": False}})
        self.assertTrue(any(self.place(one).startswith("policy.lab: vm talos-cp01 on pve-lenovo") for one in found), found)

    def test_highlights_stay_in_the_document(self):
        editor = self.editor()
        found = editor.ask("textDocument/documentHighlight", editor.at(self.media, "let media-app", 5))
        text = editor.texts[str(self.media)]
        self.assertEqual({text[editor.offset(text, h["range"]["start"]):editor.offset(text, h["range"]["end"])] for h in found}, {"media-app"})
        self.assertEqual(len(found), text.count("media-app"))

    def test_symbols(self):
        editor = self.editor()
        found = editor.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri_of(self.media)}})
        names = [s["name"] for s in found]
        self.assertEqual(names[:4], ["media-app", "sso-app", "plex", "overseerr"])
        self.assertIn("http", [c["name"] for c in found[2]["children"]])
        found = editor.ask("workspace/symbol", {"query": "TALOS-WK"})
        self.assertEqual([s["name"] for s in found], ["talos-wk01", "talos-wk02", "talos-wk03"])


class Completing(FeatureTest):
    def typed(self, text):
        """The labels offered behind `text` when it ends a file of the lab."""
        path = str(self.lab / "try.lab")
        self.one = getattr(self, "one", None) or self.editor(path, text="")
        editor = self.one
        editor.edit(path, 0, len(editor.texts[path]), text)
        where = {"textDocument": {"uri": uri_of(path)}, "position": editor.position(text, len(text))}
        items = editor.ask("textDocument/completion", where)["items"]
        return [i["label"] for i in items], items

    def test_members(self):
        labels, items = self.typed("let x = sonarr.")
        self.assertIn("url", labels)
        self.assertIn("http", labels)          # an entry of its map of ports
        self.assertIn("image", labels)
        self.assertTrue(next(i for i in items if i["label"] == "image")["documentation"]["value"])
        self.assertEqual(sorted(self.typed("let x = k8s.range.")[0]), ["lb", "nodes"])
        self.assertIn("pve-lenovo", self.typed("let x = host.")[0])
        self.assertNotIn("sonarr", self.typed("let x = host.")[0])
        self.assertIn("address", self.typed("app x in media { env A = [for h in host: h.")[0])
        self.assertIn("port", self.typed("app x in media { env A = self.")[0])
        self.assertIn("cidr", self.typed("let x = \"${k8s.")[0])

    def test_fields_of_a_body(self):
        labels, items = self.typed("app x in media {\n  ")
        self.assertIn("image", labels)
        self.assertNotIn("url", labels)        # computed
        self.assertEqual(next(i for i in items if i["label"] == "image")["insertTextFormat"], 2)
        self.assertIn("path", self.typed("app x in media { health = http { ")[0])
        self.assertIn("size", self.typed("app x in media { mount \"/x\" = claim { ")[0])
        self.assertIn("size", self.typed("vm x on pve-asus { disk os { ")[0])
        self.assertNotIn("image", self.typed("app x in media {\n  image = \"a\"\n  ")[0])

    def test_values_by_type(self):
        self.assertEqual(set(self.typed("vm x on pve-asus { bios = ")[0][:2]), {"ovmf", "seabios"})
        labels, _ = self.typed("app x in ")
        self.assertIn("media", labels[:15])
        self.assertNotIn("k8s", labels)
        self.assertIn("internal", self.typed("app x in media { expose via ")[0])
        self.assertIn("claim", self.typed("app x in media { mount \"/x\" = ")[0])
        self.assertIn("media-app", self.typed("app x in media like ")[0])
        self.assertIn("talos-wk01", self.typed("cluster c { workers = [")[0])

    def test_kinds_at_the_top(self):
        labels, items = self.typed("")
        for word in ("app", "network", "authentik", "let", "environment"):
            self.assertIn(word, labels)
        self.assertIn("${1:name}", next(i for i in items if i["label"] == "app")["textEdit"]["newText"])

    def test_clauses_and_labels(self):
        self.assertIn("in", self.typed("app x ")[0])
        self.assertIn("like", self.typed("app x ")[0])
        self.assertIn("k8s", self.typed("vm x on pve-asus { nic ")[0])

    def test_nothing_in_comments_and_strings(self):
        self.assertEqual(self.typed("// app so")[0], [])
        self.assertEqual(self.typed("let x = \"so")[0], [])

    def test_signatures(self):
        text = "app x in media { mount \"/x\" = claim(1GiB, "
        editor = self.editor(self.lab / "try.lab", text=text)
        help_ = editor.ask("textDocument/signatureHelp", {"textDocument": {"uri": uri_of(self.lab / "try.lab")}, "position": editor.position(text, len(text))})
        self.assertTrue(help_["signatures"][0]["label"].startswith("claim(size: size, name: string?"), help_)
        self.assertEqual(help_["activeParameter"], 1)


class Renaming(FeatureTest):
    def renamed(self, editor, marked, inside, name, file=None):
        where = editor.at(file or self.media, marked, inside)
        edit = editor.ask("textDocument/rename", {**where, "newName": name})
        return editor.applied(edit)

    def built(self, texts):
        """What the lab builds with these texts, the inputs' hashes apart."""
        copy = self.work / f"copy{len(list(self.work.iterdir()))}"
        shutil.copytree(self.lab, copy)
        for path, text in texts.items():
            (copy / pathlib.Path(path).name).write_bytes(text.encode())
        done = subprocess.run([LABC, "check", copy], capture_output=True, text=True, check=False, timeout=60, env=self.env)
        self.assertNotIn("error", done.stderr, done.stderr)
        done = subprocess.run([LABC, "test", copy], capture_output=True, text=True, check=False, timeout=60, env=self.env)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for environment in ("single",):
            done = subprocess.run([LABC, "check", copy, "--env", environment, "--format", "json"], capture_output=True, text=True, check=False, timeout=60, env=self.env)
            self.assertEqual(done.stdout, subprocess.run([LABC, "check", self.lab, "--env", environment, "--format", "json"], capture_output=True, text=True, check=False,
                                                         timeout=60, env=self.env).stdout.replace("\0", ""))
        return copy

    def test_a_constant_across_files(self):
        editor = self.editor()
        texts = self.renamed(editor, "run = media-user", 8, "owner")
        self.assertGreater(len(texts), 1)
        for path, text in texts.items():
            self.assertNotIn("media-user,", text)
            self.assertEqual(re.findall(r"\bmedia-user\b(?!s)", text), [], path)
        self.built(texts)

    def test_a_template(self):
        texts = self.renamed(self.editor(), "like media-app", 6, "base")
        self.assertEqual(list(texts), [str(self.media)])
        self.built(texts)

    def test_a_resource_in_all_files_environments_and_tests(self):
        file = self.lab / "hardware.lab"
        editor = self.editor(file)
        texts = self.renamed(editor, "host pve-asus", 6, "pve-third", file)
        names = {pathlib.Path(p).name for p in texts}
        self.assertEqual(names, {"hardware.lab", "machines.lab", "policy.lab"})
        for text in texts.values():
            self.assertNotIn("pve-asus", text)
            self.assertIn("pve-third", text)
        done = self.work / "renamed"
        shutil.copytree(self.lab, done)
        for path, text in texts.items():
            (done / pathlib.Path(path).name).write_text(text)
        self.assertEqual(subprocess.run([LABC, "check", done, "--env", "single"], capture_output=True, check=False, timeout=60, env=self.env).returncode, 0)

    def test_a_network_that_is_a_label_too(self):
        file = self.lab / "networks.lab"
        texts = self.renamed(self.editor(file), "network servers", 9, "lan", file)
        for path, text in texts.items():
            self.assertEqual(re.findall(r"(?<![\w-])servers(?![\w-])", re.sub("//.*", "", text)), [], path)

    def test_what_cannot_be_renamed_says_why(self):
        editor = self.editor()
        self.assertIn("std/core", editor.refused("textDocument/prepareRename", editor.at(self.media, "image ="))["message"])
        self.assertIn("no name", editor.refused("textDocument/rename", {**editor.at(self.media, "app plex", 5), "newName": "a b"})["message"])
        self.assertIn("already", editor.refused("textDocument/rename", {**editor.at(self.media, "app plex", 5), "newName": "sonarr"})["message"])
        self.assertIn("word of the language", editor.refused("textDocument/rename", {**editor.at(self.media, "app plex", 5), "newName": "because"})["message"])

    def test_prepare_gives_the_name(self):
        editor = self.editor()
        self.assertEqual(editor.ask("textDocument/prepareRename", editor.at(self.media, "app plex", 5))["placeholder"], "plex")

    def test_changes_without_versions_for_old_clients(self):
        editor = self.editor(capabilities={})
        edit = editor.ask("textDocument/rename", {**editor.at(self.media, "app plex", 5), "newName": "films"})
        self.assertIn("changes", edit)


class Texts(FeatureTest):
    def test_formatting_is_that_of_labc_fmt(self):
        text = "let   x=1\r\napp y in media{image=\"é😀\"}\n"
        file = self.lab / "try.lab"
        editor = self.editor(file, text=text)
        document = {"textDocument": {"uri": uri_of(file)}, "options": {"tabSize": 2, "insertSpaces": True}}
        formatted = editor.edited(text, editor.ask("textDocument/formatting", document))
        done = subprocess.run([LABC, "fmt", "-"], input=text.encode(), capture_output=True, check=True, timeout=20)
        self.assertEqual(formatted, done.stdout.decode())
        editor.edit(file, 0, len(text), formatted)
        self.assertEqual(editor.ask("textDocument/formatting", document), [])
        editor.edit(file, 0, 0, "app {{{ ")
        self.assertIn("syntax errors", editor.refused("textDocument/formatting", document)["message"])

    def test_formatting_changes_only_what_differs(self):
        text = "let   a=1\n// é\napp y in media {image=\"😀\",\n\n\n  port http=80,}\n/* 🎉 */ let b   = {x=1}\n"
        file = self.lab / "try.lab"
        editor = self.editor(file, text=text)
        document = {"textDocument": {"uri": uri_of(file)}, "options": {"tabSize": 2, "insertSpaces": True}}
        edits = editor.ask("textDocument/formatting", document)
        self.assertGreater(len(edits), 4)
        formatted = subprocess.run([LABC, "fmt", "-"], input=text.encode(), capture_output=True, check=True, timeout=20).stdout.decode()
        self.assertEqual(editor.edited(text, edits), formatted)
        first = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 5}}
        edits = editor.ask("textDocument/rangeFormatting", {**document, "range": first})
        self.assertEqual(editor.edited(text, edits).splitlines()[1:], text.splitlines()[1:])

    def test_a_fix_is_offered_and_mends(self):
        editor = self.editor()
        text = editor.texts[str(self.media)]
        begin = text.index("startup   = 150s")
        editor.edit(self.media, begin, begin + len("startup   = 150s"), "startup 150s")
        text = text.replace("startup   = 150s", "startup = 150s", 1)
        found = [d for d in editor.settled(self.media) if d["severity"] == 1]
        actions = editor.ask("textDocument/codeAction", {"textDocument": {"uri": uri_of(self.media)}, "range": found[0]["range"], "context": {"diagnostics": found}})
        fix = next(a for a in actions if a["kind"] == "quickfix")
        self.assertTrue(fix["isPreferred"])
        self.assertEqual(fix["diagnostics"][0]["code"], found[0]["code"])
        self.assertEqual(editor.applied(fix["edit"])[str(self.media)], text)
        everything = next(a for a in actions if a["kind"] == "source.fixAll")
        self.assertEqual(editor.applied(everything["edit"])[str(self.media)], text)

    def test_diagnostics_carry_their_page_and_related_places(self):
        editor = self.editor()
        text = editor.texts[str(self.media)]
        editor.edit(self.media, len(text), len(text), "app plex in media like media-app { image = \"a/b:1@sha256:" + "0" * 64 + "\" }\n")
        found = [d for d in editor.settled(self.media) if d["severity"] == 1][0]
        self.assertTrue(found["relatedInformation"])
        page = pathlib.Path(found["codeDescription"]["href"].removeprefix("file://"))
        self.assertIn(found["code"], page.read_text())

    def test_notes_go_into_the_message_of_clients_without_related_places(self):
        editor = self.editor(capabilities={})
        text = editor.texts[str(self.media)]
        editor.edit(self.media, len(text), len(text), "app plex in media like media-app { image = \"a/b:1@sha256:" + "0" * 64 + "\" }\n")
        document = {"textDocument": {"uri": uri_of(self.media)}}
        editor.ask("textDocument/foldingRange", document)
        editor.ask("textDocument/hover", editor.at(self.media, "image"))
        found = [d for d in editor.shown[str(self.media)] if d["severity"] == 1][0]
        self.assertNotIn("relatedInformation", found)
        self.assertRegex(found["message"], r"media\.lab:\d+:\d+: ")

    def test_broken_text_keeps_the_last_good_answers(self):
        editor = self.editor()
        editor.settled(self.media)
        text = editor.texts[str(self.media)]
        editor.edit(self.media, text.index("app overseerr"), text.index("app overseerr"), "app { = ] \"\n")
        self.assertTrue(any(d["severity"] == 1 for d in editor.settled(self.media)))
        self.assertIn("app sonarr in media", self.hover(editor, "sonarr.http, radarr.http, internet(\"api", 2))
        found = editor.ask("textDocument/definition", editor.at(self.media, "plex.http, sonarr", 1))
        line = found[0]["range"]["start"]["line"]
        self.assertIn("app plex", editor.texts[str(self.media)].splitlines()[line])

    def test_semantic_tokens_stand_where_the_words_are(self):
        editor = self.editor()
        legend = editor.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"]
        text = editor.texts[str(self.media)]
        data = editor.ask("textDocument/semanticTokens/full", {"textDocument": {"uri": uri_of(self.media)}})["data"]
        line = character = 0
        seen = {}
        for i in range(0, len(data), 5):
            line, character = line + data[i], data[i + 1] + (character if data[i] == 0 else 0)
            begin = editor.offset(text, {"line": line, "character": character})
            end = editor.offset(text, {"line": line, "character": character + data[i + 2]})
            seen.setdefault(text[begin:end], set()).add(legend[data[i + 3]])
        self.assertEqual(seen["let"], {"keyword"})
        self.assertEqual(seen["app"], {"type"})
        self.assertIn("property", seen["image"])
        self.assertIn("class", seen["sonarr"])
        self.assertEqual(seen["32400"], {"number"})
        self.assertEqual(seen["150s"], {"number"})

    def test_folds_hints_links_and_selections(self):
        file = self.lab / "machines.lab"
        editor = self.editor(file)
        document = {"textDocument": {"uri": uri_of(file)}}
        folds = editor.ask("textDocument/foldingRange", document)
        self.assertIn((0, 5), [(f["startLine"], f["endLine"]) for f in folds])
        everything = {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 100, "character": 0}}}
        hints = editor.ask("textDocument/inlayHint", {**document, **everything})
        self.assertEqual([h["label"] for h in hints], [f" = 192.168.40.{n}" for n in (51, 52, 53, 54)])
        chain = editor.ask("textDocument/selectionRange", {**document, "positions": [editor.at(file, "q35")["position"]]})[0]
        text, sizes = editor.texts[str(file)], []
        while chain:
            sizes.append(editor.offset(text, chain["range"]["end"]) - editor.offset(text, chain["range"]["start"]))
            chain = chain.get("parent")
        self.assertEqual(sizes, sorted(sizes))
        self.assertEqual((sizes[0], sizes[-1]), (3, len(text)))

    def test_two_labs_in_one_session(self):
        other = self.work / "other"
        other.mkdir()
        (other / "a.lab").write_text("lab other { domain = \"example.org\" }\nlet x = sonarr\n")
        editor = self.editor()
        editor.open(other / "a.lab")
        self.assertIn("LAB0102", [d["code"] for d in editor.settled(other / "a.lab")])
        self.assertEqual([d for d in editor.settled(self.media) if d["severity"] == 1], [])

    def test_a_change_on_disk(self):
        editor = self.editor()
        editor.settled(self.media)
        secrets = self.lab / "secrets.lab"
        secrets.write_text(secrets.read_text() + "let wrong = nosuch\n")
        editor.send({"jsonrpc": "2.0", "method": "workspace/didChangeWatchedFiles", "params": {"changes": [{"uri": uri_of(secrets), "type": 2}]}})
        editor.edit(self.media, 0, 0, "\n")
        editor.settled(self.media)
        editor.ask("textDocument/foldingRange", {"textDocument": {"uri": uri_of(self.media)}})
        self.assertIn("LAB0102", [d["code"] for d in editor.shown[str(secrets)]])

    def test_an_environment_by_setting(self):
        editor = self.editor()
        editor.send({"jsonrpc": "2.0", "method": "workspace/didChangeConfiguration", "params": {"settings": {"lab": {"environment": "nosuch"}}}})
        editor.edit(self.media, 0, 0, "\n")
        editor.settled(self.media)
        self.assertIn("no environment", str(editor.shown))

    def test_a_text_that_is_no_file(self):
        editor = self.editor()
        editor.send({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": {"uri": "untitled:Untitled-1", "languageId": "lab", "version": 1, "text": "let x = = 1\nlet y = nosuch\n"}}})
        got = editor.next(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == "untitled:Untitled-1")
        self.assertEqual([d["range"]["start"]["line"] for d in got["params"]["diagnostics"]], [0])


class WideTexts(Texts):
    encoding = "utf-8"


class Unicode(FeatureTest):
    """Emoji, combining marks, CRLF and a byte order mark in front of and inside of what is asked about."""
    def text(self, newline):
        return newline.join(["// 👩‍👩‍👧 e\u0301 日本 \u200b", "let smile = \"😀e\u0301\" /* 🎉 */ let after = smile", "app zoo in media like media-app {",
                             "  /* 日本 */ env A = \"${smile} 😀 ${after}\"  // 🎉", "  image = \"a/b:1@sha256:" + "0" * 64 + "\" /* é */ calls = [sonarr.http]", "}", ""])

    def check(self, newline, mark):
        file = self.lab / "zoo.lab"
        text = mark + self.text(newline)
        editor = self.editor(file, text=text)
        self.assertEqual([d for d in editor.settled(file) if d["severity"] == 1], [])
        self.assertIn("smile", self.hover(editor, "smile} 😀", 1, file))
        self.assertIn("app sonarr", self.hover(editor, "sonarr.http", 1, file))
        found = editor.ask("textDocument/references", {**editor.at(file, "smile = ", 1), "context": {"includeDeclaration": True}})
        self.assertEqual([text[editor.offset(text, r["range"]["start"]):editor.offset(text, r["range"]["end"])] for r in found], ["smile"] * 3)
        edit = editor.ask("textDocument/rename", {**editor.at(file, "smile}", 1), "newName": "grin"})
        self.assertEqual(editor.applied(edit)[str(file)], text.replace("smile", "grin"))
        labels = [i["label"] for i in editor.ask("textDocument/completion", editor.at(file, "sonarr.http", 7))["items"]]
        self.assertIn("http", labels)

    def test_formatting_of_every_file_with_wide_characters(self):
        for encoding in ("utf-16", "utf-8"):
            self.encoding = encoding
            for newline in ("\n", "\r\n"):
                file = self.lab / "zoo.lab"
                text = self.text(newline).replace(" = ", "   =   ")
                editor = self.editor(file, text=text)
                edits = editor.ask("textDocument/formatting", {"textDocument": {"uri": uri_of(file)}, "options": {"tabSize": 2, "insertSpaces": True}})
                wanted = subprocess.run([LABC, "fmt", "-"], input=text.encode(), capture_output=True, check=True, timeout=20).stdout.decode()
                with self.subTest(encoding=encoding, newline=newline):
                    self.assertEqual(editor.edited(text, edits), wanted)

    def test_in_both_encodings(self):
        for encoding in ("utf-16", "utf-8"):
            for newline in ("\n", "\r\n"):
                self.encoding = encoding
                with self.subTest(encoding=encoding, newline=newline):
                    self.check(newline, "")


if __name__ == "__main__":
    unittest.main()

"""Writes the peers' programs. Each yields the documents that labc wrote for the machines and apps: the
documents of the first are the pattern, in which what belongs to it alone is a variable of the loop."""
import json
import re


class Pattern:
    """A document in which the values that belong to one machine or app are `{variable}`."""

    def __init__(self, documents, variables):
        self.documents = documents
        self.variables = sorted(variables.items(), key=lambda v: -len(v[1]))

    def text(self, value, open_, close):
        """The parts of a text: constant and variable."""
        parts, rest = [], value
        while rest:
            hits = [(m.start(), name, m.end()) for name, known in self.variables
                    if (m := re.search(r'(?<![\w.])' + re.escape(known) + r'(?!\w|\.\d)', rest))]
            if not hits:
                parts.append(json.dumps(rest)[1:-1])
                break
            at, name, end = min(hits)
            parts += [json.dumps(rest[:at])[1:-1], open_ + name + close]
            rest = rest[end:]
        return ''.join(parts)


def scalar(value):
    return json.dumps(value)


def jsonnet(value, p):
    if isinstance(value, dict):
        return '{' + ', '.join(f'{json.dumps(k)}: {jsonnet(v, p)}' for k, v in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(jsonnet(v, p) for v in value) + ']'
    if isinstance(value, str):   # joined with +: std.format is interpreted, and slow
        return '("' + p.text(value, '" + x.', ' + "') + '")'
    return scalar(value)


def javascript(value, p):
    if isinstance(value, dict):
        return '{' + ', '.join(f'{json.dumps(k)}: {javascript(v, p)}' for k, v in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(javascript(v, p) for v in value) + ']'
    if isinstance(value, str):
        return '`' + p.text(value, '${x.', '}').replace('`', '\\`') + '`'
    return scalar(value)


def pkl(value, p):
    if isinstance(value, dict):
        return 'new Mapping {' + '; '.join(f'[{json.dumps(k)}] = {pkl(v, p)}' for k, v in value.items()) + '}'
    if isinstance(value, list):
        return 'new Listing {' + '; '.join(pkl(v, p) for v in value) + '}'
    if isinstance(value, str):
        return '"' + p.text(value, '\\(x.', ')') + '"'
    return scalar(value)


def write_jsonnet(families, path):
    out = []
    for family in families.values():
        for file, p in family['patterns'].items():
            name = f'"{file}-" + x.name + ".json"'
            body = jsonnet(p.documents if len(p.documents) > 1 else p.documents[0], p)
            out.append(f'{{ [{name}]: {body} for x in {family_items_jsonnet(family)} }}')
    path.write_text('\n+ '.join(out) + '\n')


def family_items_jsonnet(family):
    if 'count' in family:
        return '[{name: "app-" + i} for i in std.range(1, ' + str(family['count']) + ')]'
    return json.dumps(family['items'])


def write_pkl(families, path):
    lines = ['class Item { name: String; address: String = ""; mac: String = "" }',
             'local yaml = new YamlRenderer {}', 'local stream = new YamlRenderer { isStream = true }']
    files = []
    for name, family in families.items():
        if 'count' in family:
            loop = f'for (i in IntSeq(1, {family["count"]}).toList()) '
            item = 'new Item { name = "app-\\(i)" }'
        else:
            items = '; '.join(f'new Item {{ name = "{i["name"]}"; address = "{i["address"]}"; mac = "{i["mac"]}" }}'
                              for i in family['items'])
            lines.append(f'local items_{name}: Listing<Item> = new {{ {items} }}')
            loop, item = f'for (i in items_{name}) ', 'i'
        for file, p in family['patterns'].items():
            function = re.sub(r'\W', '_', f'{name}_{file}')
            body = pkl(p.documents if len(p.documents) > 1 else p.documents[0], p)
            renderer = 'stream' if len(p.documents) > 1 else 'yaml'
            lines.append(f'local function {function}(x: Item) = {body}')
            files.append(f'    {loop}{{ ["{file}-\\(({item}).name).yaml"] '
                         f'{{ text = {renderer}.renderDocument({function}({item})) }} }}')
    lines += ['output { files {'] + files + ['} }']
    path.write_text('\n'.join(lines) + '\n')


def write_cdk8s(families, path):
    out = ["const { App, Chart, ApiObject, Yaml, YamlOutputType } = require('cdk8s');",
           "const fs = require('fs');", 'const out = process.argv[2];', 'fs.mkdirSync(out);',
           'const app = new App({ outdir: out, yamlOutputType: YamlOutputType.FILE_PER_RESOURCE });',
           "const chart = new Chart(app, 'apps', { disableResourceNameHashes: true });"]
    for name, family in families.items():
        items = (f'Array.from({{ length: {family["count"]} }}, (_, i) => ({{ name: `app-${{i + 1}}` }}))'
                 if 'count' in family else json.dumps(family['items']))
        out.append(f'for (const x of {items}) {{')
        for file, p in family['patterns'].items():
            if len(p.documents) == 1 and 'metadata' in p.documents[0]:
                out.append(f'  new ApiObject(chart, `{file}-${{x.name}}`, {javascript(p.documents[0], p)});')
            else:
                out.append(f'  Yaml.save(`${{out}}/{file}-${{x.name}}.yaml`, {javascript(p.documents, p)});')
        out.append('}')
    out.append('app.synth();')
    path.write_text('\n'.join(out) + '\n')

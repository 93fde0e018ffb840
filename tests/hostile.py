"""Hostile input: what nobody should type, and some do. Every record says what must be said about it.

`WORDS` go through every door that takes a name, an id or a reference; the tuples after them are for one door each.
"""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Bad:
    """One bad input."""

    what: str
    """What is wrong with it, in a word or two: the name of the test."""
    text: str | bytes
    """The input."""
    says: str
    """Words that the message must hold."""


WORDS = (
    "", " ", ".", "..", "../evil", "../../../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "C:\\evil", "~", ".hidden", "$HOME",
    "a" * 64, "a" * 300, "a" * MEGABYTE, "a" * 255 + "@1", "null", "None", "true", "no", "nan", "con", "aux", "com1", "lpt9", "nul",
    "latest", "staging", "name\n", "name ", " name", "\tname", "na\rme", "Name", "1st", "-x", "--", "_x", "naïve", "a.b", "a\0b", "\0",
    "a@1", "@", "@@", "@moon", "a@", "a@-1", "a@1e9", "a@" + "9" * 5000, "customers@0", "customers@1.0", "customers@1 ", "churn_model@1",
    "churn_model@01.0.0", "churn_model@vv1.0.0", "😀", "\u202egnp.exe", "a\u200fb", "\x1b[31mred", "\x7f", "%s%n", "{0}", "<script>alert(1)</script>",
    "'; DROP TABLE events; --", "__import__('os').system('true')", "caf\udce9", "\ud800",
)  # fmt: skip
"""Words that name nothing and must name nothing."""

NAMES = ("data add {csv} --name {word} --target churn", "models register {run} --name {word}")
"""Doors at which a word would become a name."""

DOORS = (
    "data show {word}",
    "data diff {word} customers@1",
    "data checkout {word} -o {out}",
    "labels add {csv} --dataset {word}",
    "labels add {csv} --dataset customers --known-at {word}",
    "train --config {config} --data {word}",
    "train --config {config} --data customers@1 --seed x{word}",
    "train --config {config} --data customers@1 --set {word}=1",
    "train --config {config} --data customers@1 --set {word}",
    "train --config {word}",
    "config render {word} --env production",
    "config diff {word} {config}",
    "runs show {word}",
    "runs note {word} text",
    "runs tag {word} a=b",
    "runs compare {word} {word}",
    "runs diff {word} {word}",
    "runs reevaluate {word} {word}",
    "runs reevaluate {run} {run} --data {word}",
    "models register {word} --name m",
    "models register {run} --name m --version {word}",
    "models show {word}",
    "models verify {word}",
    "models reject {word} --reason r",
    "gate {word} --env production",
    "gate churn_model@1.0.0 --env {word}x",
    "deploy {word} --env staging --reason r",
    "rollback --env production --reason r --to {word}",
    "rollback --env production --dry-run --to {word}",
    "timeline --env {word}x",
    "predict {word} --row {row}",
    "predict @production --row {word}",
    "batch-predict --model {word} --data {csv} --output {out}",
    "live-at {word} --env production",
    "clock set {word}",
    "log --since x{word}",
    "runs list --limit x{word}",
    "data add {csv} --name x --target {word}",
    "data add {csv} --name x --id {word}",
    "data add {csv} --name x --task {word}",
    "data add {csv} --name x --type {word}",
    "data add {csv} --name x --target churn --positive {word}",
    "data add {csv} --name x --time {word}",
    "data add {csv} --name x --group {word}",
    "data preview {csv} --type {word}",
    "data preview {csv} --encoding {word}x",
    "data preview {csv} --header-line x{word}",
    "data profile {word}",
    "data validate {word}",
    "data validate customers@1 --against {word}",
    "runs cancel {word}",
    "sweep --config {config} --data customers@1 --grid {word}",
    "sweep --config {config} --data customers@1 --grid model.max_depth={word}x",
)
"""Doors at which a word would have to mean something that is there."""

ZONES = (
    "",
    "..",
    "/etc/localtime",
    "../../etc/passwd",
    "Mars/Olympus",
    "America",
    "a" * 5000,
    "tzdata.zi",
    "UTC\n",
    "+01:00",
)

SEARCHES = (
    Bad("python", "__import__('os').system('true')", "no field"),
    Bad("sql", "name = 'a'; DROP TABLE events", "at character 11"),
    Bad("comment", "name = 'a' -- x", "at character 12"),
    Bad("no value", "name =", "expected a value, found the end"),
    Bad("no field", "= 'a'", "expected a field"),
    Bad("open text", "name = 'a", "at character 8"),
    Bad("open bracket", "(name = 'a'", "expected ')'"),
    Bad("closed twice", "(name = 'a'))", "expected the end"),
    Bad("empty list", "name in ()", "expected a value"),
    Bad("bare word", "name = a", "a 'string'"),
    Bad("double quotes", 'name = "a"', "single quotes"),
    Bad("nul", "name = \0", "holds NUL"),
    Bad("nan", "seed > nan", "a number"),
    Bad("two numbers", "seed > 1 2", "expected the end"),
    Bad("deep brackets", "(" * 900 + "name = 'a'", "nested deeper"),
    Bad("deep nots", "not " * 400 + "name = 'a'", "nested deeper"),
    Bad("a megabyte", "name = '" + "a" * MEGABYTE + "'", "at most 2000"),
    Bad("a long field", "a" * 1500 + " = 1", "no field"),
    Bad("only operators", "and and or", "no field"),
    Bad("right to left", "\u202ename = 'a'", "at character 1"),
)

OVERRIDES = (
    Bad("no key", "=1", "does not set anything"),
    Bad("no value", "model.max_depth", "does not set anything"),
    Bad("a second key", "model.max_depth=1\nname: x", "more than one key"),
    Bad("a very deep key", "a." * 5000 + "b=1", "nested deeper"),
    Bad("octal", "training.random_state=017", "YAML reads 017 as 15"),
    Bad("base sixty", "training.random_state=1:30", "YAML reads 1:30 as 90"),
    Bad("yes", "model.type=yes", "as yes or no"),
    Bad("a date", "model.type=2024-03-01", "as a date"),
    Bad("infinity", "model.learning_rate=.inf", "as inf"),
    Bad("a tag", "model.type=!!python/name:os.system", "The tag"),
    Bad("an alias", "model.type=*x", "Anchors and aliases"),
    Bad("an open list", "features.exclude=[a", "cannot be read as YAML"),
    Bad("deep lists", "features.exclude=" + "[" * 500, "nested deeper"),
    Bad("a megabyte", "model.type=" + "a" * MEGABYTE, "64 KiB"),
    Bad("a control character", "model.type=\x07", "holds the character"),
    Bad("nul", "model.type=a\0", "holds NUL"),
)

CONFIG = "model: {type: dummy}\n"
CONFIGS = (
    Bad("empty", b"", "A config is a mapping"),
    Bad("only a comment", b"# nothing\n", "A config is a mapping"),
    Bad("nul", b"\0", "holds the character '\\x00'"),
    Bad("nul inside", b"model: {type: dummy}\nname: a\0b\n", "line 2: It cannot be read as YAML: it holds the character"),
    Bad("a picture", b"\x89PNG\r\n\x1a\n", "not UTF-8"),
    Bad("latin-1", "name: ä\n".encode("latin-1"), "not UTF-8"),
    Bad("utf-16", "model: {type: dummy}\n".encode("utf-16"), "not UTF-8"),
    Bad("half a character", b"name: \xed\xa0\x80\n", "not UTF-8"),
    Bad("tab", b"model:\n\ttype: dummy\n", "indent with spaces"),
    Bad("open brace", b"model: {type: dummy\n", "cannot be read as YAML"),
    Bad("colons", b"model: a: b\n", "mapping values are not allowed here"),
    Bad("json with a comma too many", b'{"model": {"type": "dummy"},,}', "cannot be read as YAML"),
    Bad("a list", b"- model\n", "A config is a mapping"),
    Bad("a word", b"model\n", "A config is a mapping"),
    Bad("two documents", b"model: {type: dummy}\n---\nmodel: {type: dummy}\n", "one YAML document"),
    Bad("a key twice", b"model: {type: dummy}\nmodel: {type: ridge}\n", "line 2: The key 'model' stands here a second time"),
    Bad("a key twice, deep", b"model: {type: dummy, type: ridge}\n", "a second time"),
    Bad("anchor", b"model: &a {type: dummy}\n", "Anchors and aliases"),
    Bad("alias", b"model: {type: dummy}\nname: *a\n", "Anchors and aliases"),
    Bad("billion laughs", b"a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\n", "Anchors and aliases"),
    Bad("endless alias", b"&a [*a]\n", "Anchors and aliases"),
    Bad("merge key", b"<<: {model: {type: dummy}}\n", "'<<' is not text"),
    Bad("python object", b"model: !!python/object/apply:os.system ['true']\n", "The tag"),
    Bad("python name", b"!!python/name:os.system\n", "The tag"),
    Bad("a local tag", b"model: !secret x\n", "The tag"),
    Bad("a text tag", b"name: !!str 1\n", "The tag"),
    Bad("binary", b"name: !!binary aGk=\n", "The tag"),
    Bad("set", b"!!set {a, b}\n", "The tag"),
    Bad("directive", b"%TAG ! tag:evil,2000:\n---\nmodel: !x {}\n", "The tag"),
    Bad("deep lists", b"a: " + b"[" * 1000, "nested deeper"),
    Bad("deep mappings", b"{a: " * 1000, "nested deeper"),
    Bad("deep blocks", b"".join(b" " * n + b"a:\n" for n in range(60)), "nested deeper"),
    Bad("too long", b"a: [" + b"1," * 6000 + b"]\n", "longer than any config"),
    Bad("too big", b"a: " + b"x" * 70_000, "64 KiB"),
    Bad("huge", b"#" * (5 * MEGABYTE), "64 KiB"),
    Bad("a key that is a list", b"? [a, b]\n: 1\n", "is not text"),
    Bad("a key that is a number", CONFIG.encode() + b"1: 2\n", "The key '1' is not text"),
    Bad("a key that is yes", CONFIG.encode() + b"on: push\n", "The key 'on' is not text"),
    Bad("a key that is null", CONFIG.encode() + b"~: push\n", "The key '~' is not text"),
    Bad("a key that is a megabyte", CONFIG.encode() + b"a" * 60_000 + b": 1\n", "cannot be read as YAML"),
    Bad("unknown section", CONFIG.encode() + b"trainig: {}\n", "Did you mean training?"),
    Bad("unknown key", b"model: {type: ridge, alhpa: 1.0}\n", "Did you mean alpha?"),
    Bad("unknown type", b"model: {type: gradient_bosting}\n", "Did you mean gradient_boosting?"),
    Bad("no type", b"model: {}\n", "model.type is null"),
    Bad("no model", b"training: {test_size: 0.3}\n", "'model' is missing"),
    Bad("a dotted key", b"model.type: dummy\n", "There is no key 'model.type'; known here: name, data"),
    Bad("list for a mapping", b"model: [dummy]\n", "must be a mapping"),
    Bad("null for a mapping", b"model:\n", "must be a mapping"),
    Bad("text for a mapping", CONFIG.encode() + b"training: fast\n", "must be a mapping"),
    Bad("mapping for text", CONFIG.encode() + b"name: {a: b}\n", "valid string"),
    Bad("mapping for a number", CONFIG.encode() + b"training: {test_size: {a: b}}\n", "valid number"),
    Bad("text for a list", CONFIG.encode() + b"features: {exclude: age}\n", "valid list"),
    Bad("number in a list of text", CONFIG.encode() + b"features: {exclude: [1]}\n", "Did you mean '1'?"),
    Bad("number for text", CONFIG.encode() + b"data: {name: 123}\n", "Did you mean '123'?"),
    Bad("true for text", CONFIG.encode() + b"data: {target: true}\n", "Did you mean 'true'?"),
    Bad("text for a number", CONFIG.encode() + b"training: {test_size: '0.2'}\n", "Did you mean 0.2?"),
    Bad("true for a number", CONFIG.encode() + b"training: {random_state: true}\n", "valid integer"),
    Bad("fraction for a count", b"model: {type: k_neighbors, n_neighbors: 1.5}\n", "valid integer"),
    Bad("no as text", CONFIG.encode() + b"data: {target: no}\n", "YAML reads no as yes or no"),
    Bad("on as a number", CONFIG.encode() + b"training: {test_size: on}\n", "YAML reads on as yes or no"),
    Bad("off in a list", CONFIG.encode() + b"features: {exclude: [a, off]}\n", "Did you mean 'off'?"),
    Bad("base sixty", b"model: {type: k_neighbors, n_neighbors: 1:30:00}\n", "YAML reads 1:30:00 as 5400"),
    Bad("base sixty with a fraction", b"model: {type: ridge, alpha: 1:30.5}\n", "YAML reads 1:30.5 as 90.5"),
    Bad("octal", b"model: {type: k_neighbors, n_neighbors: 017}\n", "YAML reads 017 as 15"),
    Bad("hexadecimal", b"model: {type: k_neighbors, n_neighbors: 0x1F}\n", "YAML reads 0x1F as 31"),
    Bad("binary number", b"model: {type: k_neighbors, n_neighbors: 0b11}\n", "YAML reads 0b11 as 3"),
    Bad("no binary number", b"model: {type: k_neighbors, n_neighbors: 0b_}\n", "YAML reads 0b_ as"),
    Bad("underscores", b"model: {type: k_neighbors, n_neighbors: 1_0}\n", "YAML reads 1_0 as 10"),
    Bad("exponent without point", b"model: {type: ridge, alpha: 1e5}\n", "Did you mean 100000?"),
    Bad("small exponent", b"model: {type: gradient_boosting, learning_rate: 1e-3}\n", "Did you mean 0.001?"),
    Bad("infinity", b"model: {type: ridge, alpha: .inf}\n", "YAML reads .inf as inf"),
    Bad("minus infinity", b"model: {type: ridge, alpha: -.INF}\n", "as -inf"),
    Bad("no number", CONFIG.encode() + b"training: {test_size: .nan}\n", "YAML reads .nan as nan"),
    Bad("Infinity as in JSON", b"model: {type: ridge, alpha: Infinity}\n", "valid number"),
    Bad("a date as text", CONFIG.encode() + b"data: {target: 2024-03-01}\n", "YAML reads 2024-03-01 as a date"),
    Bad("an impossible date", CONFIG.encode() + b"data: {target: 2024-13-45}\n", "as a date"),
    Bad("equals sign", CONFIG.encode() + b"name: =\n", "as a sign of its own"),
    Bad("overflow", b"model: {type: ridge, alpha: 1.0e+999}\n", "YAML reads 1.0e+999 as inf"),
    Bad("a huge whole number", CONFIG.encode() + b"training: {random_state: " + b"9" * 5000 + b"}\n", "write plain digits"),
    Bad("a seed too large", CONFIG.encode() + b"training: {random_state: 4294967296}\n", "less than 4294967296"),
    Bad("a negative seed", CONFIG.encode() + b"training: {random_state: -1}\n", "greater than or equal to 0"),
    Bad("a negative size", CONFIG.encode() + b"training: {test_size: -0.2}\n", "greater than 0"),
    Bad("a whole size", CONFIG.encode() + b"training: {test_size: 1}\n", "less than 1"),
    Bad("no trees", b"model: {type: random_forest, n_estimators: 0}\n", "greater than or equal to 1"),
    Bad("a million trees", b"model: {type: random_forest, n_estimators: 1000000}\n", "less than or equal to 10000"),
    Bad("two thresholds", CONFIG.encode() + b"thresholds: {a: 0.1, b: 0.2}\n", "exactly one"),
    Bad("threshold of 1", CONFIG.encode() + b"thresholds: {a: 1.0}\n", "less than 1"),
    Bad("a bare threshold", CONFIG.encode() + b"thresholds: 0.5\n", "must be a mapping"),
    Bad("a label that is no text", CONFIG.encode() + b"thresholds: {1: 0.5}\n", "The key '1' is not text"),
    Bad("a name that climbs", CONFIG.encode() + b"name: ../evil\n", "cannot name a config"),
    Bad("a name with a line break", CONFIG.encode() + b'name: "a\\n"\n', "cannot name a config"),
    Bad("a path with nul", CONFIG.encode() + b'data: {path: "a\\0b"}\n', "is not the path of a file"),
    Bad("a path of 5000 characters", CONFIG.encode() + b"data: {path: " + b"a" * 5000 + b"}\n", "is not the path of a file"),
    Bad("a path that is not there", CONFIG.encode() + b"data: {path: nowhere.csv}\n", "No such file"),
    Bad("a dataset that climbs", CONFIG.encode() + b"data: {name: ../evil}\n", "No dataset is named '../evil'"),
)  # fmt: skip
"""Contents of a config file."""

ROWS = (
    Bad("nothing", "", "not valid JSON"),
    Bad("a word", "churn", "not valid JSON"),
    Bad("python", "{'age': 1}", "double quotes"),
    Bad("a list", "[1]", "A row is a JSON object, not a list"),
    Bad("a number", "1", "A row is a JSON object, not a number"),
    Bad("text", '"a"', "A row is a JSON object, not text"),
    Bad("null", "null", "A row is a JSON object, not null"),
    Bad("true", "true", "A row is a JSON object, not true or false"),
    Bad("no fields", "{}", "missing"),
    Bad("nan", '{"age": NaN}', "NaN is no JSON value"),
    Bad("infinity", '{"age": -Infinity}', "-Infinity is no JSON value"),
    Bad("a key twice", '{"age": 1, "age": 2}', "a key stands there twice: 'age'"),
    Bad("too large", '{"age": 1e999}', "1e999 is too large"),
    Bad("a very long number", '{"age": ' + "9" * 5000 + "}", "too large"),
    Bad("deep lists", '{"age": ' + "[" * 100_000, "nested too deeply"),
    Bad("deep objects", '{"age":' * 100_000, "nested too deeply"),
    Bad("ten megabytes", '{"age": "' + "a" * (10 * MEGABYTE) + '"}', "1 MiB"),
    Bad("trailing garbage", "{} {}", "Extra data"),
    Bad("trailing comma", '{"age": 1,}', "not valid JSON"),
    Bad("comment", '{"age": 1} // x', "Extra data"),
    Bad("half a character", '{"age": "\\ud800"}', "half a character"),
    Bad("half a character in a key", '{"\\udfff": 1}', "half a character"),
    Bad("a control character", '{"age": "\x01"}', "control character"),
    Bad("nul", '{"age": 1}\0', "holds NUL"),
)
"""Rows as JSON."""

CELLS = (
    ("age", "41"), ("age", True), ("age", 41.5), ("age", 1e300), ("age", 10**400), ("age", [41]), ("age", {"a": 1}),
    ("age", None), ("contract", 3), ("contract", True), ("contract", ["monthly"]), ("contract", None), ("monthly_fee", "40"),
    ("monthly_fee", False), ("online", 1), ("online", "yes"), ("customer_id", [1]), ("customer_id", {"a": "b" * 1000}),
)  # fmt: skip
"""A feature or id, and a value that it cannot have."""

TEXTS = (
    Bad("nul", "a\0b", "holds NUL"),
    Bad("a megabyte", "a" * MEGABYTE, "at most 2000"),
    Bad("half a character", "caf\udce9", "not UTF-8"),
)
"""Notes, reasons and messages."""

TAGS = (
    Bad("no value", "team", "is no tag"),
    Bad("no key", "=x", "cannot be the key of a tag"),
    Bad("a path", "../evil=x", "cannot be the key of a tag"),
    Bad("a long key", "a" * 300 + "=x", "cannot be the key of a tag"),
    Bad("a line break", "team\n=x", "cannot be the key of a tag"),
    Bad("a long value", "team=" + "a" * MEGABYTE, "at most 200"),
    Bad("nul", "team=a\0b", "holds NUL"),
)

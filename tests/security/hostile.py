"""Hostile values: what broke other sites, and chance."""

from __future__ import annotations

from hypothesis import strategies as st

MARK = "zq9x"  # nothing of ours is called so; where it becomes a tag or an attribute, something was executed
PRODUCT = str(7919 * 7907)  # what a template or a formula makes of 7919*7907

MARKUP = [
    f'<{MARK} on{MARK}="1">',
    f'"><{MARK}>',
    f"'><{MARK}>",
    f'" {MARK}="1',
    f"' {MARK}='1",
    f" {MARK}=1 ",
    f"` {MARK}=`1",
    f"</script><{MARK}>",
    f"</textarea></title></option></select><{MARK}>",
    f"--><{MARK}>",
    f"]]><{MARK}>",
    f"<!--<script><{MARK}>",
    f"javascript:{MARK}()",
    f"  jAvA\tscript:{MARK}()",
    f"data:text/html,<{MARK}>",
    f"&lt;{MARK}&gt;",
    f"&#60;{MARK}&#62;",
    f"\\u003c{MARK}\\u003e",
    f"%3C{MARK}%3E",
    f"<svg/onload={MARK}()>",
    f"<a href='javascript:{MARK}()'>{MARK}</a>",
    f"<img src=x onerror={MARK}()>",
    f"<b>{MARK}</b>",
    f"\\');{MARK}();//",
    f"```<{MARK}>```",
    f"[{MARK}](javascript:{MARK}())",
]
TEMPLATES = [
    "{{7919*7907}}",
    "{% for x in y %}",
    "${7919*7907}",
    "#{7919*7907}",
    "<%= 7919*7907 %>",
    "{{config}}",
]
DATABASE = [
    "' OR '1'='1",
    '"; DROP TABLE people; --',
    "1); DELETE FROM people; --",
    "%",
    "_",
    "\\",
    "1 UNION SELECT 1",
]
STEERING = [
    "\0",
    f"a\0{MARK}",
    f"{MARK}\r\nSet-Cookie: {MARK}=1",
    f"{MARK}\r\n\r\n<{MARK}>",
    "\u202e\u2066txt.exe",
    "\ufeff",
    "\ufffe\uffff",
    "\x1b[2J",
    "\x7f\x80\x85",
    "\u2028\u2029",
    "\ud800",
    "a\udfffb",
    "e" + "\u0301" * 300,
    "\U0001f3f4\u200d\u2620\ufe0f",
    "ﷺ",
    "İıſK",
    "%00",
    "%s%n%x{0}{}",
]
PLACES = [
    "../../../../etc/passwd",
    "file:///etc/passwd",
    f"//{MARK}.example/",
    f"/\\{MARK}.example",
    f"\\\\{MARK}.example\\share",
    f"https://{MARK}.example/",
    f"/{MARK}:80@{MARK}.example",
    "http://169.254.169.254/latest/meta-data/",
]
SHEETS = [
    f'=HYPERLINK("{MARK}")',
    f"+{MARK}",
    f"-{MARK}",
    f"@{MARK}",
    f"\t={MARK}",
    f" ={MARK}",
    f"=cmd|'{MARK}'!A1",
]
NUMBERS = [
    "0", "-1", "00", "1.5", "1e999", "nan", "inf", "-0", "٣", "²", "½", "0x10", "1_000", " 5 ", "9" * 30,
    "9" * 5000,
    "2147483648", "9223372036854775808", "2026-13-45", "0000-00-00", "9999-12-31", "0001-01-01", "2026-06-16",
]  # fmt: skip
SHAPES = [
    "",
    " ",
    "\n\n",
    "NA",
    "DK",
    "null",
    "[]",
    "[" * 3000,
    '{"a":' * 3000,
    "[[[" * 20 + "]]]" * 20,
    "a: &a [x]\nb: *a",
    "a: &a [*a]",
    "!!python/object/apply:os.system [zq9x]",
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "a" * 300,
    "a" * 6000,
    "a@" + "b" * 300,
    f"{MARK}@agency.example",
    f"<{MARK}>@agency.example",
    f'"{MARK} onclick=1"@agency.example',
    "a" * 30 + "!",
    "1, 2; 3|4",
    '[["csrf_token", "\\ud800"]]',
    f'[["{MARK}", "\\"><{MARK}>"]]',
]
LIST = [*MARKUP, *TEMPLATES, *DATABASE, *STEERING, *PLACES, *SHEETS, *NUMBERS, *SHAPES]

anything = st.text(st.characters(exclude_categories=()), max_size=60)
values = st.one_of(
    st.sampled_from(LIST),
    st.sampled_from(MARKUP),
    anything,
    st.tuples(st.sampled_from(LIST), st.sampled_from(LIST)).map("".join),
)


def as_sent(value: str) -> bytes:
    """The bytes of a value, of one that no text can be too."""
    return value.encode("utf-8", "surrogatepass")

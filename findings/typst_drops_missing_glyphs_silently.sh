#!/usr/bin/env bash
# typst 0.15.2 (the Python package): a character that no font has is drawn as an empty box. Neither `compile` nor
# `compile_with_warnings` says so: the list of warnings is empty, and the PDF looks finished. With a PDF standard such as
# ua-1 or a-2b, the same text is an error that names the character. So a program that prints texts of other people should
# always ask for a standard, and turn TypstError into a message.
# Seen:
#   no standard: bytes, warnings []
#   ua-1: TypstError, the text `"日"` could not be displayed with font `"Libertinus Serif"`
#   a-2b: TypstError, the text `"日"` could not be displayed with font `"Libertinus Serif"`
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2
"$folder/venv/bin/python" - <<'PYTHON'
import typst

TEXT = '#set document(title: "A title")\n#set text(lang: "en")\n日'.encode()


def compiled(standards: list[str]) -> tuple[object, list[object]]:
    compiler = typst.Compiler(ignore_system_fonts=True)  # the same on every machine
    return compiler.compile_with_warnings(TEXT, format="pdf", pdf_standards=standards)


written, warnings = compiled([])
print("no standard:", type(written).__name__ + ", warnings", warnings)
assert isinstance(written, bytes) and warnings == []
for standard in ("ua-1", "a-2b"):
    try:
        compiled([standard])
    except typst.TypstError as error:
        print(f"{standard}: TypstError, {error.message.partition('error: ')[2]}")
        assert 'the text `"日"` could not be displayed' in error.message
    else:
        raise SystemExit(f"{standard} no longer refuses the character")
PYTHON

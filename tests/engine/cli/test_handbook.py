"""`comity handbook`: one HTML file with every policy in sentences and every passing case."""

import re
from pathlib import Path
from xml.etree import ElementTree

from pypdf import PdfReader

ROOT = Path(__file__).parents[3]
SHIPPED = ["--policies", str(ROOT / "policies"), "--at", "2026-06-01T00:00:00Z"]


def test_handbook_has_every_policy_and_leads_nowhere_else(shop, comity):
    done = comity(
        "handbook", str(ROOT / "tests/policy_cases/chat.yaml"), *SHIPPED, "--output", "handbook.html"
    )
    assert (done.exit_code, done.stdout) == (0, "")
    text = (shop / "handbook.html").read_text(encoding="utf-8")
    links, ids = set(re.findall(r'href="([^"]*)"', text)), set(re.findall(r' id="([^"]*)"', text))
    assert {link.removeprefix("#") for link in links} <= ids
    assert {path.stem for path in (ROOT / "policies").glob("*.yaml")} - {"claims"} <= ids
    assert not any(part in text for part in ("<script", "http", "`"))
    body = ElementTree.fromstring(text[text.index("<body>") : text.index("</html>")])
    said = " ".join("".join(body.itertext()).split())
    assert "deny (conflict) if is party holds and locked holds" in said
    assert "Examples: " in said


def test_examples_are_cases_that_pass(shop, comity):
    done = comity("handbook", "tests/policy_cases")
    assert (done.exit_code, "Examples: a dear one." in done.stdout) == (0, True)
    assert "bea@example.com" not in done.stdout  # a private fact of the cases


def test_failing_case_is_no_example(shop, comity):
    [file] = (shop / "tests" / "policy_cases").glob("*.yaml")
    file.write_text(file.read_text().replace("rule: large", "rule: in-time"))
    done = comity("handbook", "tests/policy_cases")
    assert (done.exit_code, "the case `a dear one` fails" in done.stderr, done.stdout) == (1, True, "")


def test_pdf_says_the_same_and_its_links_lead_somewhere(shop, comity):
    for name, second in (("handbook.html", "00"), ("handbook.pdf", "00"), ("again.pdf", "00.5")):
        at = f"2026-06-01T00:00:{second}Z"
        done = comity("handbook", "tests/policy_cases", "--at", at, "--output", name)
        assert (done.exit_code, done.stdout) == (0, "")
    assert (shop / "handbook.pdf").read_bytes() == (shop / "again.pdf").read_bytes()
    html = (shop / "handbook.html").read_text(encoding="utf-8")
    pdf = PdfReader(shop / "handbook.pdf")
    said = "".join("".join(page.extract_text().split()) for page in pdf.pages)
    body = ElementTree.fromstring(html[html.index("<body>") : html.index("</html>")])
    for part in body.itertext():
        assert "".join(part.split()) in said
    links = [note.get_object() for page in pdf.pages for note in page.get("/Annots", [])]
    assert len(links) == html.count("<a ")
    assert (pdf.metadata.title, pdf.trailer["/Root"]["/Lang"]) == ("The policies", "en")
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_pdf_needs_its_extra(shop, comity, monkeypatch):
    monkeypatch.setattr("engine.handbook.pdf.is_installed", lambda: False)
    done = comity("handbook", "--output", "handbook.pdf")
    assert (done.exit_code, (shop / "handbook.pdf").exists()) == (2, False)
    assert "a PDF needs typst: install `comity[pdf]`" in done.stderr


def test_character_that_no_font_has_is_named(shop, comity):
    done = comity("handbook", "--title", "No script \u0378", "--output", "handbook.pdf")
    assert (done.exit_code, (shop / "handbook.pdf").exists()) == (1, False)
    assert "the PDF cannot be written: the text" in done.stderr
    assert "install a font that has it" in " ".join(done.stderr.split())

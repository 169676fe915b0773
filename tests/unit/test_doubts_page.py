"""The page of doubtful labels: what it shows, what it filters by, and what it leaves to the files."""

import re

from doubting import made_doubts
from stancekit.reports.doubts import doubts_page


def test_the_two_hundred_most_doubtful_rows_are_shown_and_the_rest_is_told() -> None:
    result, rows = made_doubts()
    many = [{**row, "id": f"row {number:03}"} for number, row in enumerate(rows * 30)][:240]
    page = doubts_page(result, many)
    assert page.count("<tr data-gold=") == 200
    assert "row 199" in page
    assert "row 200" not in page
    assert "40 more rows stand in doubts.jsonl" in page
    assert "stand in doubts.jsonl" not in doubts_page(result, many[:200])


def test_a_row_has_its_texts_both_stances_and_its_place() -> None:
    result, rows = made_doubts()
    page = doubts_page(result, [{**rows[0], "where": "data/mine.jsonl:12", "given": 0.031, "confidence": 0.942}])
    row = page.split("<tr data-gold=")[1].split("</tr>")[0]
    assert rows[0]["statement"] in row
    assert rows[0]["proposal"] in row
    assert "data/mine.jsonl:12 · wood stoves 0 · wood stoves 0 · wood stoves · tag 0" in row
    assert re.findall(r"(\w+)</span><br><span class=\"quiet\">(\d+%)", row) == [(rows[0]["gold"], "3%"), (rows[0]["suggested"], "94%")]


def test_sources_are_chosen_by_number_where_there_are_several() -> None:
    result, rows = made_doubts('a "quoted" }</style>')
    page = doubts_page(result, rows)
    assert re.findall(r'option value="(\d)"', page) == ["0", "1"]
    assert "</style>" not in page.split("<style>")[1].split("</head>")[0].replace("</style>", "", 1)
    alone = doubts_page(result, [{**row, "source": "one"} for row in rows])
    assert 'class="by-source"' not in alone
    assert doubts_page(result, [{**row, "source": None} for row in rows]).count("by-source") == 0


def test_numbers_of_stances_folds_and_parts_are_on_the_page() -> None:
    result, rows = made_doubts()
    page = doubts_page(result, rows)
    assert result["verdict"] in page
    assert all(f"{fold['macro_f1']:.3f}" in page for fold in result["folds"])
    assert page.count('<td class="number">80</td><td class="number">3 <span class="quiet">(4%)</span></td>') == 3
    assert "<summary>Source</summary>" in page
    assert "Careful." in page


def test_without_doubts_warnings_and_parts_it_is_a_page() -> None:
    result, _ = made_doubts(wrong=0)
    page = doubts_page({**result, "parts": [], "encoder": "minilm", "warnings": []}, [])
    assert not re.search('id="rows"|id="parts"|#rows"|#parts"|Careful', page)
    assert "minilm" in page

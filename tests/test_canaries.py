from tests.canaries import leaks


def test_number_is_found_anywhere_but_in_a_moment():
    moments = '{"decided_at": "2026-11-29T09:36:10.995452Z", "at": "2026-11-29 09:36:10.99+00:00"}'
    assert leaks(moments, ["0.99", "decided"]) == ["decided"]
    assert leaks('{"score": 0.99, "at": "2026-11-29T09:36:10Z"}', ["0.99"]) == ["0.99"]

from govdesk.queries.weekly_changes import Change


def test_sentence_in_both_languages_with_places():
    change = Change("rise", {
        "what": {"zh": "土地", "en": "Land"}, "n": 1234, "expected": "8.1", "previous": 9,
        "period": {"zh": "上周", "en": "last week"}, "before": {"zh": "前一周", "en": "the week before"},
        "places": ["甲镇", "乙镇"], "n_there": 14})
    zh, en = change.sentence("zh"), change.sentence("en")
    assert "1,234" in zh
    assert "土地" in zh
    assert zh.endswith("其中 14 件在甲镇、乙镇。")
    assert en.endswith("14 of them in 甲镇, 乙镇.")


def test_hostile_name_stays_text():
    change = Change("fall_in", {
        "place": "<img onerror=x>{n}", "what": "x", "n": 1, "expected": "2", "previous": 3, "period": "p", "before": "b"})
    assert "<img onerror=x>{n}" in change.sentence("en")

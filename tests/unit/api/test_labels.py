"""Labels keep off each other, at any zoom."""

from hypothesis import given
from hypothesis import strategies as st

from govdesk.rules.label_placing import Label, _box, _touch, place_labels

labels = st.lists(
    st.builds(Label, text=st.text("甲乙丙ab ", min_size=1, max_size=8), lon=st.floats(110, 112),
              lat=st.floats(26, 28), weight=st.floats(0, 10)),
    max_size=40,
)


@given(labels, st.floats(5, 15))
def test_no_two_labels_touch(wanted, zoom):
    boxes = [_box(label, zoom, 13) for label in place_labels(wanted, zoom)]
    assert not any(_touch(one, other) for i, one in enumerate(boxes) for other in boxes[:i])


@given(labels, st.floats(5, 15))
def test_order_of_the_places_does_not_matter(wanted, zoom):
    assert sorted(map(str, place_labels(wanted, zoom))) == sorted(map(str, place_labels(wanted[::-1], zoom)))


def test_larger_place_goes_first():
    small, large = Label("小", 111, 27, 1), Label("大", 111, 27, 2)
    assert place_labels([small, large], 9) == [large]

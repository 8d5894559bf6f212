from crmmigrate.changes.ordering import explain_order, order_objects, parents_of
from crmmigrate.config.canonical import load_model
from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
from crmmigrate.model.semantic import SemanticType
from crmmigrate.testing.worlds import small_model


def model(**objects):
    """Objects with references: name → target, with '!' at the end of the name for required."""

    def made(name, links):
        fields = {
            n.rstrip("!"): Field(
                n.rstrip("!"),
                SemanticType.REFERENCE,
                required=n.endswith("!"),
                references=tuple(t.split("|")),
            )
            for n, t in links.items()
        }
        return ObjectType(name, name, name, "", fields)

    return CanonicalModel(1, {name: made(name, links) for name, links in objects.items()})


def test_parents_first():
    order = order_objects(model(child={"p": "parent"}, parent={}), {"child", "parent"})
    assert order.objects == ("parent", "child")
    assert order.deferred == {}


def test_a_self_reference_is_deferred():
    order = order_objects(model(user={"boss": "user"}), {"user"})
    assert order.deferred == {"user": ("boss",)}


def test_a_cycle_defers_the_optional_side():
    order = order_objects(model(a={"b!": "b"}, b={"a": "a"}), {"a", "b"})
    assert order.objects == ("b", "a")
    assert order.deferred == {"b": ("a",)}
    assert order.impossible == ()


def test_a_cycle_of_required_references_is_impossible():
    order = order_objects(model(a={"b!": "b"}, b={"a!": "a"}), {"a", "b"})
    assert len(order.impossible) == 1


def test_a_polymorphic_reference_waits_for_all_it_may_point_to():
    order = order_objects(model(note={"about": "a|b"}, a={}, b={}), {"note", "a", "b"})
    assert order.objects == ("a", "b", "note")


def test_objects_that_are_not_migrated_do_not_matter():
    order = order_objects(model(a={"b": "b"}, b={"a": "a"}), {"a"})
    assert order.objects == ("a",)
    assert order.deferred == {}


def test_the_small_model():
    order = order_objects(small_model(), set(small_model().objects))
    assert order.deferred == {"user": ("manager",), "account": ("parent", "main_contact")}


def test_the_canonical_model_has_an_order():
    canonical = load_model()
    order = order_objects(canonical, set(canonical.objects))
    assert sorted(order.objects) == sorted(canonical.objects)
    assert order.impossible == ()
    for name, fields in order.deferred.items():
        assert all(name in canonical.objects[name].fields[f].references for f in fields), (
            "only self references"
        )


def test_the_order_is_explained():
    found = model(a={"b!": "b"}, b={"a": "a|b"}, c={"a": "a"})
    order = order_objects(found, {"a", "b", "c"})
    assert explain_order(found, order, {"b": 1200}) == (
        "order: b, a, c; what others point to goes first",
        "second pass, when all records exist: b.a (1,200 records), which can point to another b or a later a",
    )
    assert explain_order(found, order, {"b": 0}) == (
        "order: b, a, c; what others point to goes first",
    )
    assert parents_of(found, order) == {"b": (), "a": ("b",), "c": ("a",)}
    alone = model(a={})
    assert explain_order(alone, order_objects(alone, {"a"}), {}) == ()

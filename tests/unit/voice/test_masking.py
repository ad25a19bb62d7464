"""What is masked: each kind by example in several languages, and anything that is drawn."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxroi.voice.masking import mask


@pytest.mark.parametrize(
    ("comment", "secret"),
    [
        ("write to anna.smith@example.org please", "anna"),
        ("john (at) mail.com knows", "john"),
        ("call +49 170 1234567", "1234567"),
        ("тел. 8 (912) 345-67-89", "345"),
        ("Ligue (11) 98765-4321", "98765"),
        ("my order number is 4711", "4711"),
        ("Bestellnummer: 88-A", "88"),
        ("pedido nº 55", "55"),
        ("заказ №4521", "4521"),
        ("narudžba broj 12-A", "12"),
        ("parcel JJD000390007", "JJD"),
        ("IBAN DE89 3704 0044 0532 0130 00", "3704"),
        ("card 4111 1111 1111 1111", "4111"),
        ("full width １２３４５６７８", "1234"),
        ("see https://shop.example/o?id=77 there", "id=77"),
        ("www.anna-smith.de", "anna"),
        ("thanks @anna_smith", "anna"),
        ("Hauptstraße 12 in Berlin", "Hauptstraße"),
        ("moro na Rua das Flores, 123", "Flores"),
        ("vivo en Calle Mayor 5", "Mayor"),
        ("abito in Via Roma 10", "Roma"),
        ("улица Ленина, д. 5", "Ленина"),
        ("Strada Mare nr. 5", "Mare"),
        ("ul. Ilica 10", "Ilica"),
        ("I live at 221 Baker Street", "Baker"),
        ("My name is anna smith and I wait", "smith"),
        ("Mein Name ist Jörg Müller", "Jörg"),
        ("meu nome é João Silva", "Silva"),
        ("me chamo Ana Paula de Souza", "Souza"),
        ("mi chiamo Marco Rossi", "Rossi"),
        ("me llamo José García", "García"),
        ("меня зовут Анна Петрова", "Петрова"),
        ("zovem se Ivan Horvat", "Horvat"),
        ("mă numesc Ion Popescu", "Popescu"),
        ("Herr schmidt was nice", "schmidt"),
        ("spoke to Mrs. O'Brien", "Brien"),
        ("A Sra. Lima atendeu", "Lima"),
        ("Hello Anna, where is it", "Anna"),
        ("Olá Maria", "Maria"),
        ("Nothing. Best regards, Anna Smith", "Smith"),
        ("Danke. Mit freundlichen Grüßen Karl Vogt", "Vogt"),
        ("с уважением, Иван", "Иван"),
        ("O atendente Carlos foi rude", "Carlos"),
        ("An\u200bna@exam\u200bple.org", "example"),
    ],
)
def test_what_names_somebody_is_masked(comment, secret):
    masked = mask(comment)
    assert secret.lower() not in masked.lower()
    assert "[" in masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "comment",
    [
        "The product is good, 5 stars, 10 days late, called 3 times",
        "In 2019 it was better",
        "I am very happy with the delivery",
        "Das Paket kam zu spät, 20 Euro zu teuer",
        "Produto chegou antes do prazo. Recomendo",
    ],
)
def test_what_names_nobody_stays(comment):
    assert mask(comment) == comment


words = st.lists(
    st.sampled_from(
        ["the", "delivery", "was", "late", "não", "chegou", "sehr", "gut", "и", "долго"]
    ),
    max_size=6,
).map(" ".join)
digits = st.text("0123456789", min_size=7, max_size=16)
name = st.text("abcdefghijklmnop", min_size=3, max_size=9)


@settings(deadline=None, max_examples=60)
@given(words, words, name, name, digits, st.sampled_from(["", " ", "-", ".", " / "]))
def test_drawn_addresses_numbers_and_names_never_remain(before, after, one, other, number, apart):
    phone = apart.join(number[at : at + 3] for at in range(0, len(number), 3))
    secret = f"q{one}x", f"w{other}z"
    comment = (
        f"{before} {secret[0]}@{secret[1]}.com {after}. My name is {secret[0].title()} "
        f"{secret[1].title()}, {phone}, order {number[:3]}. {after}"
    )
    masked = mask(comment).lower()
    assert not any(one in masked for one in secret)
    assert sum(map(str.isdigit, masked)) == 0
    assert mask(mask(comment)) == mask(comment)


@settings(deadline=None, max_examples=60)
@given(st.text("aZßяЖ 059@.,:-+/()#\n", max_size=60))
def test_any_text_can_be_masked_and_no_long_number_remains(text):
    masked = mask(text)
    run = longest = 0
    for letter in masked:
        run = run + 1 if letter.isdecimal() else 0
        longest = max(longest, run)
    assert longest < 5
    assert mask(masked) == masked

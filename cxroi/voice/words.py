"""Words of each language that stop word lists lack or hold wrongly, or that tell no theme."""

from __future__ import annotations

# Joined to the word that they deny.
NEGATIONS = {
    "pt": "não nao ñ n nunca jamais nem sem nenhum nenhuma",
    "de": "nicht kein keine keinen keiner keinem keines nie niemals ohne",
    "en": "not no never without cannot cant dont didnt doesnt wasnt isnt wont hasnt havent nor",
    "it": "non mai senza nessun nessuna nessuno né",
    "ru": "не нет ни никогда без нету",
    "hr": "ne nije nisu nisam nismo niste nema nemam nikad nikada bez neće ni",
    "ro": "nu n-am niciodată fără nici niciun nicio",
    "es": "no nunca jamás sin ningún ninguna ni",
    "fr": "ne pas jamais sans aucun aucune ni",
    "nl": "niet geen nooit zonder",
}
# What stop word lists hold, and a survey is about.
KEPT = {
    "pt": "antes nada",
    "de": "lange neu nichts",
    "en": "order help new quickly late wrong",
    "it": "tardi prima",
    "ru": "долго",
    "hr": "dugo",
    "es": "tarde nada",
}
# How good it was, not what it is about: that is the score's to say, and the tone's.
PRAISE = {
    "pt": "bom boa bons boas bem mal ótimo ótima otimo excelente perfeito perfeita maravilhoso "
    "maravilhosa recomendo super gostei adorei amei parabéns satisfeito satisfeita lindo linda ok "
    "top péssimo péssima ruim horrível terrível bonito bonita obrigado obrigada indico nota muito "
    "insatisfeito decepcionado problema problemas",
    "de": "gut gute guter gutes gut schlecht schlechte super toll tolle perfekt zufrieden "
    "unzufrieden wunderbar hervorragend ausgezeichnet empfehlen empfehle danke ok furchtbar "
    "schrecklich enttäuscht enttäuschend prima klasse problem probleme",
    "en": "good great bad excellent perfect wonderful awesome amazing nice love loved recommend "
    "satisfied happy unhappy thanks thank ok okay terrible horrible awful poor worst best well "
    "disappointed disappointing problem problems",
    "it": "bene buono buona buoni ottimo ottima eccellente perfetto perfetta meraviglioso male "
    "pessimo pessima orribile terribile soddisfatto soddisfatta consiglio grazie ok deluso "
    "problema problemi",
    "ru": "хорошо хороший хорошая отлично отличный отличная прекрасно супер плохо плохой ужасно "
    "ужасный доволен довольна спасибо рекомендую нормально разочарован проблема проблемы",
    "hr": "dobro dobar dobra odlično odličan super loše loš užasno zadovoljan zadovoljna hvala "
    "preporučujem preporuka savršeno ok razočaran problem problemi",
    "ro": "bine bun bună excelent excelentă perfect minunat super rău prost groaznic mulțumit "
    "mulțumesc recomand ok dezamăgit problemă probleme",
    "es": "bien bueno buena buenos excelente perfecto perfecta maravilloso super genial mal malo "
    "mala pésimo horrible terrible satisfecho satisfecha recomiendo gracias ok decepcionado "
    "encanta problema problemas",
}
# Of every purchase, whatever is said of it.
GENERAL = {
    "pt": "veio vieram vem comprei comprar compra compras comprou vou vai fiz feito feita fiquei "
    "ficou deu dar pra pro q vc vcs td produto produtos loja porém poderia achei hoje",
    "de": "gekauft kaufen kauf produkt produkte artikel bestellt bestellung firma bekommen",
    "en": "bought buy purchase purchased product products item items company got get",
    "it": "comprato acquistato acquisto prodotto prodotti negozio azienda",
    "ru": "купил купила купить товар товары компания заказ заказал заказала",
    "hr": "kupio kupila kupnja proizvod proizvodi tvrtka naručio naručila",
    "ro": "cumpărat cumpăra produs produse produsul firma comandat",
    "es": "comprado compré comprar compra producto productos tienda empresa",
}

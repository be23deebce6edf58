"""Numbers that pass the checks of personal information and belong to nobody: made up, in ranges not given out."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random


def with_check_character(digits: str) -> str:
    """17 digits with the check character of GB 11643."""
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11]


def identity_number(random: Random) -> str:
    """A 公民身份号码 of a district there is not (119999)."""
    born = date(1950, 1, 1) + timedelta(days=random.randrange(20000))
    return with_check_character(f"119999{born:%Y%m%d}{random.randrange(1000):03}")


def mobile_number(random: Random) -> str:
    """A number beginning with 160, 161 or 163, which no network uses for people."""
    return random.choice(("160", "161", "163")) + f"{random.randrange(10**8):08}"


def bank_card(random: Random, length: int = 19) -> str:
    """A card number of an issuer there is not (629999), its last digit found by trying."""
    body = "629999" + "".join(random.choices("0123456789", k=length - 7))
    return next(body + last for last in "0123456789" if _luhn(body + last))


#: the weights of GB 11643, as the standard lists them
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _luhn(number: str) -> bool:
    doubled = [sum(map(int, str(2 * int(digit)))) for digit in number[-2::-2]]
    return (sum(doubled) + sum(map(int, number[::-2]))) % 10 == 0

"""The AIST++ authors' own list of failed reconstructions (ignore_list.txt, CC BY 4.0)."""

from __future__ import annotations

# Without the parts that follow from the rest: "BR FM d05 m5 ch14" is gBR_sFM_cAll_d05_mBR5_ch14.
_IGNORED = """\
BR BM d04 m0 ch07
BR BM d04 m0 ch08
BR BM d04 m0 ch10
BR BM d05 m0 ch07
BR FM d04 m4 ch07
BR FM d05 m4 ch13
BR FM d05 m5 ch14
BR FM d06 m5 ch19
HO FM d20 m5 ch13
JB BM d07 m2 ch06
JB BM d07 m3 ch01
JB BM d07 m3 ch05
JB BM d08 m0 ch07
JB BM d08 m0 ch09
JB BM d08 m1 ch09
JB BM d08 m5 ch07
JB BM d09 m2 ch07
JB BM d09 m3 ch07
JB BM d09 m4 ch06
JB BM d09 m4 ch07
JB BM d09 m4 ch09
JB BM d09 m5 ch09
JB FM d08 m3 ch11
JS BM d03 m3 ch10
JS FM d01 m0 ch01
JS FM d01 m1 ch02
JS FM d02 m0 ch08
JS FM d03 m0 ch01
KR BM d30 m5 ch01
KR BM d30 m5 ch02
WA BM d25 m1 ch04
WA BM d25 m2 ch03
WA BM d25 m2 ch04
WA BM d25 m3 ch04
WA BM d26 m0 ch09
WA BM d26 m1 ch01
WA BM d27 m2 ch01
WA BM d27 m2 ch08
WA BM d27 m3 ch01
WA BM d27 m4 ch02
WA BM d27 m4 ch08
WA BM d27 m5 ch01
WA BM d27 m5 ch08
WA FM d26 m2 ch10
WA FM d27 m1 ch16
"""


def _spell(line: str) -> str:
    genre, situation, dancer, music, choreography = line.split()
    return f"g{genre}_s{situation}_cAll_{dancer}_m{genre}{music[1:]}_{choreography}"


IGNORED: frozenset[str] = frozenset(map(_spell, _IGNORED.strip().splitlines()))
"""The 45 cAll names whose reconstruction failed, by the authors' own judgement."""

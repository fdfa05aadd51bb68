"""The label as ZPL by formatting strings: `zpl_format.py [labels] [stored|whole] [file.zpl]`.

stored: what is the same on all labels is stored in the printer once, a label names its fields. whole: each label says everything.
The printer draws all symbols and uses its own fonts 0 and D; Python only puts the serial in its places. The alphabet of
the serials has no character that ZPL would have to have escaped.
"""

import io

from PIL import Image

import job

DOTS = 8  # a millimetre
CHUNK = 1_000  # labels joined and written at once


def main():
    count, mode, path = job.arguments(["stored", "whole"])
    serials = list(job.serials(count))
    start = job.cpu_seconds()
    text, bars, link = "^FD%s-%s-%s", "^FD>:%s", "^FDMM,B0056" + job.LINK + "%s"
    if mode == "stored":
        head = f"{logo()}^XA^DFR:UNIT.ZPL^FS^CI28{layout('^FN1', '^FN2', '^FN3')}^XZ\n"
        label = f"^XA^XFR:UNIT.ZPL^FS^FN1{text}^FS^FN2{bars}^FS^FN3{link}^FS^PQ1^XZ\n"
    else:
        head = logo()
        label = f"^XA^CI28^LH0,0^PW480^LL320{layout(text, bars, link)}^PQ1^XZ\n"
    out = io.BytesIO()
    out.write(head.encode())
    for first in range(0, count, CHUNK):
        some = serials[first : first + CHUNK]
        out.write("".join([label % (it[:4], it[4:8], it[8:], it, it) for it in some]).encode())
    seconds = job.cpu_seconds() - start
    if path:
        path.write_bytes(out.getvalue())
    job.report(count, seconds, len(out.getvalue()))


def logo():
    """The logo as a stored graphic in hexadecimal digits."""
    _, _, width, height = (round(side * DOTS) for side in job.LOGO_BOX)
    bits = Image.open(job.LOGO).convert("L").resize((width, height)).point(lambda grey: 255 * (grey < 128)).convert("1")
    data = bits.tobytes()
    return f"~DGR:LOGO.GRF,{len(data)},{(width + 7) // 8},{data.hex().upper()}\n"


def layout(serial_text, bars, link):
    """All fields of the label; the three that change come as they are to be written."""
    def at(x, y):
        return f"^FO{round(x * DOTS)},{round(y * DOTS)}"

    fields = [f"{at(*job.LOGO_BOX[:2])}^XGR:LOGO.GRF,1,1^FS"]
    x, y, width, height = job.RULE_BOX
    fields.append(f"{at(x, y)}^GB{round(width * DOTS)},{round(height * DOTS)},2^FS")
    for x, baseline, size, right, text in job.TEXTS:
        dots = round(size * 25.4 / 72 * DOTS)
        place = f"^FT{round(x * DOTS)},{round(baseline * DOTS)}{',1' if right else ''}"
        fields.append(f"{place}^A0N,{dots},{dots}^FD{text}^FS")
    x, baseline, _ = job.SERIAL_TEXT
    fields.append(f"^FT{round(x * DOTS)},{round(baseline * DOTS)}^ADN,36,20{serial_text}^FS")
    x, y, _, height = job.CODE128_BOX
    fields.append(f"{at(x, y)}^BY2^BCN,{round(height * DOTS)},N,N,N{bars}^FS")
    x, y, _, _ = job.EAN_BOX
    fields.append(f"{at(x, y)}^BY3^BEN,56,Y,N^FD{job.GTIN[:12]}^FS")
    x, y, _, _ = job.QR_BOX
    fields.append(f"^FO{round(x * DOTS)},{round(y * DOTS) - 10}^BY2,2,10^BQN,2,3{link}^FS")
    return "".join(fields)


if __name__ == "__main__":
    main()

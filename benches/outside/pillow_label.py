"""The label as 1-bit PNG at 203 dpi by Pillow: `pillow_label.py [labels] [plain|segno|tuned] [folder]`.

The fixed parts are drawn once and copied. plain: text and bars drawn by ImageDraw, QR by the qrcode package, as its manual
shows. segno and tuned: glyphs of the serial drawn once and pasted, bars and QR as bitmaps scaled up, QR by segno or zxing-cpp.
"""

import io
import zlib

from PIL import Image, ImageDraw, ImageFont

import job

DOTS = 8  # a millimetre
SIZE = (round(job.WIDTH * DOTS), round(job.HEIGHT * DOTS))
DPI = (203.2, 203.2)


def main():
    count, mode, folder = job.arguments(["plain", "segno", "tuned"])
    background = fixed()
    if mode == "plain":
        draw, packing = plain(), {}
    else:
        draw = tuned(job.qr_segno() if mode == "segno" else job.qr_fastest())
        packing = {"compress_level": 1, "compress_type": zlib.Z_RLE}  # faster and smaller than level 1 alone
    size = 0
    serials = list(job.serials(count))
    start = job.cpu_seconds()
    for ordinal, serial in enumerate(serials):
        image = background.copy()
        draw(image, serial)
        out = io.BytesIO()
        image.save(out, "PNG", dpi=DPI, **packing)
        size += out.tell()
        if folder:
            (folder / f"{ordinal}-{serial}.png").write_bytes(out.getvalue())
    job.report(count, job.cpu_seconds() - start, size)


def dots(box):
    return [round(side * DOTS) for side in box]


def font(path, points):
    return ImageFont.truetype(str(path), points * 25.4 / 72 * DOTS)


def fixed():
    """Everything that no serial changes."""
    image = Image.new("1", SIZE, 1)
    draw = ImageDraw.Draw(image)
    x, y, width, height = dots(job.LOGO_BOX)
    logo = Image.open(job.LOGO).convert("L").resize((width, height)).point(lambda grey: 255 * (grey >= 128))
    image.paste(logo, (x, y))
    x, y, width, height = dots(job.RULE_BOX)
    draw.rectangle((x, y, x + width - 1, y + height - 1), fill=0)
    for x, baseline, size, right, text in job.TEXTS:
        draw.text((x * DOTS, baseline * DOTS), text, fill=0, font=font(job.SANS, size), anchor="rs" if right else "ls")
    ean(draw)
    return image


def ean(draw):
    module = round(job.EAN_MODULE * DOTS)
    x, y, _, height = dots(job.EAN_BOX)
    digits = font(job.SANS, 6)
    for at, dark in enumerate(job.ean13_modules(job.GTIN)):
        guard = at < 3 or 45 <= at < 50 or at >= 92
        if dark == "1":
            left = x + at * module
            draw.rectangle((left, y, left + module - 1, y + height - (10 if guard else 20)), fill=0)
    for at, digit in enumerate(job.GTIN):
        place = -7 if at == 0 else 3 + 7 * (at - 1) + 3.5 + (5 if at > 6 else 0)
        draw.text((x + place * module, y + height - 2), digit, fill=0, font=digits, anchor="ms")


def plain():
    import qrcode

    mono = font(job.MONO, job.SERIAL_TEXT[2])
    serial_x, serial_y = job.SERIAL_TEXT[0] * DOTS, job.SERIAL_TEXT[1] * DOTS
    x, y, _, height = dots(job.CODE128_BOX)
    module = round(job.MODULE * DOTS)
    qr_at = tuple(dots(job.QR_BOX[:2]))

    def paint(image, serial):
        draw = ImageDraw.Draw(image)
        draw.text((serial_x, serial_y), job.grouped(serial), fill=0, font=mono, anchor="ls")
        left = x
        for value in job.code128_values(serial):
            for at, width in enumerate(job.CODE128_WIDTHS[value]):
                right = left + int(width) * module
                if at % 2 == 0:
                    draw.rectangle((left, y, right - 1, y + height - 1), fill=0)
                left = right
        code = qrcode.QRCode(version=4, error_correction=qrcode.ERROR_CORRECT_M, box_size=3, border=0)
        code.add_data(job.LINK + serial, optimize=0)
        code.make(fit=False)
        image.paste(code.make_image().get_image(), qr_at)

    return paint


def tuned(matrix):
    mono = font(job.MONO, job.SERIAL_TEXT[2])
    advance = mono.getlength("0")
    ascent, descent = mono.getmetrics()
    top, serial_x = round(job.SERIAL_TEXT[1] * DOTS) - ascent, job.SERIAL_TEXT[0] * DOTS
    glyphs = {letter: glyph(letter, mono, advance, ascent + descent) for letter in job.ALPHABET + "-"}
    places = [(round(serial_x + at * advance), top) for at in range(14)]
    bars_x, bars_y, _, bars_height = dots(job.CODE128_BOX)
    light = str.maketrans("01", "10")
    runs = [modules.translate(light) for modules in job.CODE128_MODULES]
    total = 11 * 14 + 13
    row_bytes = (total + 7) // 8
    bars_size = (total * round(job.MODULE * DOTS), bars_height)
    side, qr_at = job.QR_MODULES, tuple(dots(job.QR_BOX[:2]))
    grey = bytes([255, 0]) + bytes(254)

    def paint(image, serial):
        for place, letter in zip(places, job.grouped(serial)):
            image.paste(glyphs[letter], place)
        bits = "".join([runs[value] for value in job.code128_values(serial)])
        row = (int(bits, 2) << row_bytes * 8 - total).to_bytes(row_bytes, "big")
        image.paste(Image.frombytes("1", (total, 1), row).resize(bars_size, Image.Resampling.NEAREST), (bars_x, bars_y))
        cells = b"".join([bytes(row) for row in matrix(job.LINK + serial)]).translate(grey)
        code = Image.frombytes("L", (side, side), cells).resize((side * 3, side * 3), Image.Resampling.NEAREST)
        image.paste(code, qr_at)

    return paint


def glyph(letter, mono, advance, height):
    """A letter in a cell of its own."""
    cell = Image.new("1", (int(advance), height), 1)
    ImageDraw.Draw(cell).text((0, 0), letter, fill=0, font=mono)
    return cell


if __name__ == "__main__":
    main()

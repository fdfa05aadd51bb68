"""The label as PDF by reportlab: `reportlab_label.py [labels] [plain|segno|tuned] [file.pdf]`.

plain: the library's own barcodes. segno: bars and QR as path and mask, QR by segno. tuned: the same, QR by zxing-cpp.
In all of them the fixed parts are one form, fonts are subsets, and pages are compressed without ASCII85.
"""

import io
import re

from reportlab import rl_config
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode import code128, createBarcodeDrawing
from reportlab.graphics.barcode.eanbc import Ean13BarcodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import job


def main():
    count, mode, path = job.arguments(["plain", "segno", "tuned"])
    rl_config.useA85 = 0
    pdfmetrics.registerFont(TTFont("Sans", str(job.SANS)))
    pdfmetrics.registerFont(TTFont("Mono", str(job.MONO)))
    page = plain if mode == "plain" else tuned(job.qr_segno() if mode == "segno" else job.qr_fastest())
    serials = list(job.serials(count))
    start = job.cpu_seconds()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(job.WIDTH * mm, job.HEIGHT * mm), pageCompression=1, initialFontName="Sans")
    fixed(canvas)
    for serial in serials:
        canvas.doForm("fixed")
        page(canvas, serial)
        canvas.showPage()
    canvas.save()
    seconds = job.cpu_seconds() - start
    if path:
        path.write_bytes(out.getvalue())
    job.report(count, seconds, len(out.getvalue()))


def fixed(canvas):
    """Everything that no serial changes."""
    canvas.beginForm("fixed")
    x, y, width, height = points(job.LOGO_BOX)
    canvas.drawImage(str(job.LOGO), x, y, width, height)
    canvas.rect(*points(job.RULE_BOX), stroke=0, fill=1)
    for x, baseline, size, right, text in job.TEXTS:
        canvas.setFont("Sans", size)
        draw = canvas.drawRightString if right else canvas.drawString
        draw(x * mm, (job.HEIGHT - baseline) * mm, text)
    x, y, width, height = points(job.EAN_BOX)
    ean = Ean13BarcodeWidget(job.GTIN, barWidth=job.EAN_MODULE * mm, barHeight=height, fontName="Sans", fontSize=6)
    drawing = Drawing(width, height)
    drawing.add(ean)
    renderPDF.draw(drawing, canvas, x - 9 * job.EAN_MODULE * mm, y)
    canvas.endForm()


def points(box):
    """A box from the top left as reportlab's: points from the bottom left."""
    x, top, width, height = box
    return x * mm, (job.HEIGHT - top - height) * mm, width * mm, height * mm


SERIAL_X, SERIAL_Y = job.SERIAL_TEXT[0] * mm, (job.HEIGHT - job.SERIAL_TEXT[1]) * mm


def serial_text(canvas, serial):
    canvas.setFont("Mono", job.SERIAL_TEXT[2])
    canvas.drawString(SERIAL_X, SERIAL_Y, job.grouped(serial))


def plain(canvas, serial):
    """As the library's manual shows it."""
    serial_text(canvas, serial)
    x, y, _, height = points(job.CODE128_BOX)
    code128.Code128(serial, barWidth=job.MODULE * mm, barHeight=height, quiet=0).drawOn(canvas, x, y)
    x, y, width, height = points(job.QR_BOX)
    link = job.LINK + serial
    code = createBarcodeDrawing("QR", value=link, barLevel="M", barBorder=0, width=width, height=height)
    renderPDF.draw(code, canvas, x, y)


def tuned(matrix):
    """Bars looked up by their place and value, as one path in units of modules; the QR as an inline image mask."""
    bar_cache = {}

    def bars(place, value):
        text = job.CODE128_MODULES[value]
        runs = re.finditer("1+", text)
        made = " ".join(f"{place * 11 + run.start()} 0 {run.end() - run.start()} 1 re" for run in runs)
        bar_cache[place, value] = made
        return made

    x, y, _, height = points(job.CODE128_BOX)
    bars_head = f"q {job.MODULE * mm:.5f} 0 0 {height:.3f} {x:.3f} {y:.3f} cm"
    x, y, width, height = points(job.QR_BOX)
    side, digits = job.QR_MODULES, (job.QR_MODULES + 7) // 8 * 2
    pad = digits * 4 - side
    mask_head = (
        f"f Q q {width:.3f} 0 0 {height:.3f} {x:.3f} {y:.3f} cm"
        f" BI /W {side} /H {side} /BPC 1 /IM true /D [1 0] /F /AHx ID"
    )
    ones = bytes([48, 49]) + bytes(254)

    def page(canvas, serial):
        serial_text(canvas, serial)
        code = canvas._code
        code.append(bars_head)
        for at in enumerate(job.code128_values(serial)):
            code.append(bar_cache.get(at) or bars(*at))
        code.append(mask_head)
        for row in matrix(job.LINK + serial):
            code.append(f"{int(bytes(row).translate(ones), 2) << pad:0{digits}x}")
        code.append("> EI Q")

    return page


if __name__ == "__main__":
    main()

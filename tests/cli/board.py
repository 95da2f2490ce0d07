#!/usr/bin/env python3
"""board.py FOLDER TABLE.csv WIDE.csv [tensorboard] - an event file of TensorBoard beside the tables of the same run: every number of an evaluation,
of a probe and of a knob is in both, and no number more; checksums, texts at marks and histograms are in order. The file is read here by hand; with
`tensorboard` also by the package of PyPI, and the tables by pandas without an option, with the same result."""
import csv
import glob
import math
import struct
import sys


def crc32c(data, table=[]):
    if not table:
        for i in range(256):
            for _ in range(8):
                i = (i >> 1) ^ (0x82f63b78 if i & 1 else 0)
            table.append(i)
    c = 0xffffffff
    for byte in data:
        c = table[(c ^ byte) & 255] ^ (c >> 8)
    return c ^ 0xffffffff


def masked(data):
    c = crc32c(data)
    return ((c >> 15 | c << 17) + 0xa282ead8) & 0xffffffff


def records(data):
    at = 0
    while at < len(data):
        head, n = data[at:at + 8], struct.unpack_from('<Q', data, at)[0]
        body = data[at + 12:at + 12 + n]
        assert struct.unpack_from('<I', data, at + 8)[0] == masked(head), 'checksum of a length'
        assert struct.unpack_from('<I', data, at + 12 + n)[0] == masked(body), 'checksum of a record'
        yield body
        at += 16 + n


def fields(message):
    """(number, value) of a message of protocol buffers: whole numbers and bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(message):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        n = {1: 8, 5: 4}.get(key & 7)
        if n is None:
            assert key & 7 == 2
            n = varint()
        yield key >> 3, message[at:at + n]
        at += n


def by_hand(path):
    """{tag: [(step, value)]}, [(step, text)], {tag: number of histograms}"""
    numbers, texts, histograms = {}, [], {}
    data = list(records(open(path, 'rb').read()))
    assert dict(fields(data[0]))[3] == b'brain.Event:2'
    for body in data[1:]:
        event = dict(fields(body))
        assert struct.unpack('<d', event[1])[0] > 1e9, 'a time'
        for key, summary in fields(event[5]):
            value = dict(fields(summary))
            tag = value[1].decode()
            if 2 in value:
                numbers.setdefault(tag, []).append((event[2], struct.unpack('<f', value[2])[0]))
            elif 5 in value:
                h = dict(fields(value[5]))
                limits, mass = struct.iter_unpack('<d', h[6]), [x for x, in struct.iter_unpack('<d', h[7])]
                limits = [x for x, in limits]
                assert limits == sorted(limits) and len(limits) == len(mass) and 0.8 < sum(mass) < 1.01, tag  # few nodes are drawn wide, beyond the ends
                histograms[tag] = histograms.get(tag, 0) + 1
            else:
                assert dict(fields(dict(fields(value[9]))[1]))[1] == b'text'
                texts.append((event[2], dict(fields(value[8]))[8].decode()))
    return numbers, texts, histograms


def by_package(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    ea = EventAccumulator(folder, size_guidance={'scalars': 0, 'histograms': 0, 'tensors': 0})
    ea.Reload()
    tags = ea.Tags()
    return ({tag: [(e.step, e.value) for e in ea.Scalars(tag)] for tag in tags['scalars']},
            [(e.step, e.tensor_proto.string_val[0].decode()) for tag in tags['tensors'] for e in ea.Tensors(tag)],
            {tag: len(ea.Histograms(tag)) for tag in tags['histograms']})


def tag_of(metric, name):
    if metric == 'acc':
        return 'acc/overall'
    if metric in ('group_acc', 'class_acc'):
        return {'group_acc': 'acc', 'class_acc': 'class'}[metric] + '/' + name
    if metric in ('lr', 'rho', 'drw'):
        return 'knob/' + metric
    if metric.startswith('step_'):
        return 'step/' + metric[5:]
    return metric + '/' + name if name else 'eval/' + metric


def single(x):
    return struct.unpack('<f', struct.pack('<f', float(x)))[0]


def main(folder, table, wide, package):
    path, = glob.glob(folder + '/events.out.tfevents.*')
    numbers, texts, histograms = by_hand(path)
    rows = list(csv.DictReader(open(table)))
    want, marks = {}, []
    for row in rows:
        if row['metric'].startswith('mark_'):
            if row['metric'] != 'mark_S':
                marks.append((int(row['step']), row['text']))
        else:
            want.setdefault(tag_of(row['metric'], row['class']), []).append((int(row['step']), single(row['value'])))
    assert sorted(numbers) == sorted(want), set(numbers) ^ set(want)
    for tag in want:
        assert sorted(numbers[tag]) == sorted(want[tag]), tag
    assert [(step, text.split(': ', 1)[1]) for step, text in texts] == marks, (texts, marks)
    assert all(tag.startswith('density/') for tag in histograms)
    lines = list(csv.DictReader(open(wide)))
    assert [int(line['step']) for line in lines] == sorted({int(row['step']) for row in rows})
    at = {int(line['step']): line for line in lines}
    for row in rows:
        line = at[int(row['step'])]
        if row['metric'].startswith('mark_'):
            assert row['metric'][5:] in line['mark'] and row['text'] in line['mark_text']
        else:
            assert line[row['metric'] + (':' + row['class'] if row['class'] else '')] != ''
    print(f'{len(want)} tags, {sum(map(len, want.values()))} numbers, {len(texts)} texts, {sum(histograms.values())} histograms')
    if package:
        import pandas
        assert by_package(folder) == (numbers, texts, histograms)
        tidy, broad = pandas.read_csv(table), pandas.read_csv(wide)
        assert tidy['value'].dtype == broad['acc'].dtype == 'float64' and tidy['step'].dtype == 'int64'
        assert len(tidy) == len(rows) and broad.shape == (len(lines), len(lines[0]))
        last = tidy[(tidy.metric == 'acc') & (tidy.step == tidy[tidy.metric == 'acc'].step.max())].value.iloc[-1]
        assert math.isclose(broad.acc.dropna().iloc[-1], last)
        print('the same by the packages of PyPI')


if __name__ == '__main__':
    main(*sys.argv[1:4], len(sys.argv) > 4)

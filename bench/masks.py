#!/usr/bin/env python3
"""masks.py BUILD PHOTOS [--each] -- measures the detector of faces and the masks of subjects on labels made by hand.

BUILD: build folder with src/cli/reverie and bench/bench-faces. PHOTOS: folder of the labelled photographs. Prints the
recall of faces, false faces, the distance of key points, and the intersection over union (IoU) of subjects. If Debian's
package facedetect is installed, its faces are measured, too. Needs numpy and Pillow.

bench/labels/faces.csv has one row for each face. `view` is `front` (also three-quarter view), `profile` (one eye at
most is visible), `covered`, or `small` (less than 24 px wide: neither a hit nor a miss). A photograph without faces has
one row, `none`. bench/labels/subjects has the outlines of subjects, bench/labels/subjects-held-out those of photographs
that are not looked at while the method changes.
"""
import argparse
import csv
import pathlib
import shutil
import subprocess
import tempfile

import numpy as np
from PIL import Image

LABELS = pathlib.Path(__file__).parent / 'labels'
LEAST_IOU = 0.3  # of two boxes of one face: detectors differ in how much of forehead and chin they include
POINTS = ('left eye', 'right eye', 'nose', 'mouth')


def box_iou(a, b):
    """IoU of two boxes (x, y, width, height)."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def read_labels():
    """Labelled faces by file name: lists of (box, view, key points; NaN: not visible)."""
    labels = {}
    with open(LABELS / 'faces.csv', newline='') as file:
        for name, *fields in list(csv.reader(file))[1:]:
            of = labels.setdefault(name, [])
            if fields[4] != 'none':
                points = np.array([float(v or 'nan') for v in fields[5:]]).reshape(-1, 2)
                of.append((tuple(map(float, fields[:4])), fields[4], points))
    return labels


def reverie_faces(program, photos):
    """Faces by file name: lists of (box, key points), best score first."""
    found = {photo.name: [] for photo in photos}
    rows = subprocess.run([program, *photos], check=True, capture_output=True, text=True).stdout
    for name, *numbers in csv.reader(rows.splitlines()):
        numbers = list(map(float, numbers))
        found[pathlib.Path(name).name].append((numbers[:4], np.array(numbers[5:]).reshape(-1, 2)))
    return found


def facedetect_faces(photos):
    """Faces of Debian's facedetect by file name, as reverie_faces() returns them, without key points."""
    found = {}
    for photo in photos:
        rows = subprocess.run(['facedetect', photo], capture_output=True, text=True).stdout
        found[photo.name] = [(list(map(float, row.split())), None) for row in rows.splitlines()]
    return found


def match(labels, faces):
    """Pairs (label, face), each in one pair at most, the highest IoU first; and the number of faces without a label."""
    pairs, order = [], sorted(((box_iou(label[0], face[0]), i, k) for i, label in enumerate(labels)
                               for k, face in enumerate(faces)), reverse=True)
    for iou, i, k in order:
        if iou >= LEAST_IOU and all(i != other and k != own for other, own in pairs):
            pairs.append((i, k))
    return [(labels[i], faces[k]) for i, k in pairs], len(faces) - len(pairs)


def print_faces(name, labels, found, each):
    hits, totals, distances = {}, {}, []
    false = {True: 0, False: 0}  # by whether the photograph has faces
    for file, of in labels.items():
        pairs, n_false = match(of, found[file])
        false[bool(of)] += n_false
        for _, view, _ in of:
            totals[view] = totals.get(view, 0) + 1
        for (box, view, points), (_, face_points) in pairs:
            hits[view] = hits.get(view, 0) + 1
            if face_points is not None and view == 'front':
                distances.append(np.hypot(*(points - face_points).T) / box[2])
        if each and (n_false or len(pairs) < len(of)):
            missed = [f'{view} {box}' for box, view, _ in of if box not in [pair[0][0] for pair in pairs]]
            print(f'  {file}: {n_false} false; missed: {"; ".join(missed) or "none"}')
    n_with = sum(bool(of) for of in labels.values())
    views = ('front', 'profile', 'covered')
    recall = sum(hits.get(view, 0) for view in views) / sum(totals[view] for view in views)
    print(f'{name}: recall {recall:.2f} (' + ', '.join(f'{view} {hits.get(view, 0)}/{totals[view]}' for view in views) +
          f'); false faces: {false[True]} in {n_with} photographs with faces, '
          f'{false[False]} in {len(labels) - n_with} without')
    if distances:
        print(f'{name}: distance of key points, % of the width of a face in front view: ' +
              ', '.join(f'{title} {value:.1f}' for title, value in zip(POINTS, 100 * np.nanmean(distances, 0))) +
              f'; median of all {100 * np.nanmedian(distances):.1f}, 90 % below {100 * np.nanpercentile(distances, 90):.1f}')


def subject_iou(reverie, photo, outline):
    """IoU of the program's mask of the subject with the outline. A grey of 128 or more is in the mask."""
    with tempfile.TemporaryDirectory() as folder:
        mask = pathlib.Path(folder) / 'mask.png'
        subprocess.run([reverie, 'mask', photo, '-o', mask, '--of', 'subject', '--quiet'], check=True)
        with Image.open(mask) as image, Image.open(outline) as truth:
            ours, true = np.asarray(image.convert('L')) >= 128, np.asarray(truth.convert('L')) >= 128
    return (ours & true).sum() / (ours | true).sum()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('photos', type=pathlib.Path)
    parser.add_argument('--each', action='store_true', help='also print faces missed, and the IoU of each subject')
    parser.add_argument('--subjects', action='store_true', help='leave out the faces')
    args = parser.parse_args()
    if not args.subjects:
        labels = read_labels()
        photos = [args.photos / name for name in labels]
        print_faces('reverie', labels, reverie_faces(args.build / 'bench/bench-faces', photos), args.each)
        if shutil.which('facedetect'):
            print_faces('facedetect', labels, facedetect_faces(photos), args.each)
    for folder in ('subjects', 'subjects-held-out'):
        outlines = sorted((LABELS / folder).iterdir())
        ious = [subject_iou(args.build / 'src/cli/reverie', args.photos / f'{outline.stem}.jpg', outline) for outline in outlines]
        if args.each and folder == 'subjects':
            for outline, iou in zip(outlines, ious):
                print(f'  {outline.stem}: {iou:.2f}')
        print(f'{folder}: IoU of {len(ious)}: mean {np.mean(ious):.3f}, median {np.median(ious):.3f}, '
              f'{sum(iou >= 0.5 for iou in ious)} of at least 0.5')


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""recognise.py REVERIE CACHE --photos FOLDER --labels bench/labels/faces.csv --paintings PATH... [--seed N] [OPTION...]
-- measures whether people are recognised in pictures of `reverie style`.

Paints each labelled photograph with a face of at least 80 px after another painting, drawn by chance, with the OPTIONS
of `reverie style`. A face recogniser then names the person of each painted face among the people of all photographs.
Pictures in CACHE are not painted again. Needs numpy, Pillow, dlib (dlib-bin) and face_recognition_models of PyPI.
"""
import argparse
import csv
import pathlib
import random
import subprocess

import dlib
import face_recognition_models as models
import numpy as np
from PIL import Image

SIZE = 512  # px
LEAST = 80  # px, of a face, at SIZE
LANDMARKS = dlib.shape_predictor(models.pose_predictor_five_point_model_location())
NETWORK = dlib.face_recognition_model_v1(models.face_recognition_model_location())


def largest_faces(labels, photos):
    """The largest face of each photograph, no profile: left, top, right, bottom, px at SIZE."""
    faces = {}
    with open(labels, newline='') as file:
        for row in csv.DictReader(file):
            if not row['x']:  # no face
                continue
            scale = SIZE / max(Image.open(photos / row['file']).size)
            x, y, width, height = (scale * int(row[name]) for name in ('x', 'y', 'width', 'height'))
            before = faces.get(row['file'], (0, 0, 0, 0))
            if row['view'] != 'profile' and width >= max(LEAST, before[2] - before[0]):
                faces[row['file']] = x, y, x + width, y + height
    return faces


def describe(picture, box):
    """The recogniser's 128 numbers of a face."""
    pixels, box = np.array(picture), dlib.rectangle(*map(int, box))
    return np.array(NETWORK.compute_face_descriptor(pixels, LANDMARKS(pixels, box), 10))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('reverie')
    parser.add_argument('cache', type=pathlib.Path)
    parser.add_argument('--photos', type=pathlib.Path, required=True)
    parser.add_argument('--labels', required=True)
    parser.add_argument('--paintings', type=pathlib.Path, nargs='+', required=True)
    parser.add_argument('--seed', type=int, default=1)
    args, options = parser.parse_known_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    faces = largest_faces(args.labels, args.photos)
    paintings = sorted(args.paintings)
    random.Random(args.seed).shuffle(paintings)
    paintings = {name: paintings[i % len(paintings)] for i, name in enumerate(sorted(faces))}
    people, painted = {}, {}
    for name, box in faces.items():
        photo = args.photos / name
        made = args.cache / f'{photo.stem}-{paintings[name].stem}{"".join(options)}.png'
        if not made.exists():
            subprocess.run([args.reverie, 'style', photo, paintings[name], '-o', made, '--size', str(SIZE), '-q', *options],
                           check=True)
        picture = Image.open(made).convert('RGB')
        painted[name] = describe(picture, box)
        people[name] = describe(Image.open(photo).convert('RGB').resize(picture.size, Image.LANCZOS), box)
    print('| photograph | painting | distance of the person | of the nearest other | rank |\n|---|---|---|---|---|')
    first = 0
    for name in faces:
        distances = {other: np.linalg.norm(painted[name] - people[other]) for other in faces}
        own = distances.pop(name)
        rank = 1 + sum(distance <= own for distance in distances.values())
        first += rank == 1
        print(f'| {name} | {paintings[name].stem} | {own:.2f} | {min(distances.values()):.2f} | {rank} |', flush=True)
    print(f'\n{first} of {len(faces)} people are recognised')


if __name__ == '__main__':
    main()

"""Reads documents with PyYAML, as cloud-init does, and with expat: input.json to output.json."""

import json
import sys
import xml.etree.ElementTree as ElementTree

import yaml


def read_yaml(text):
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        return f'refused: {error}'


def values(element):
    """Values of attributes, then the text of elements that hold nothing else."""
    found = list(element.attrib.values())
    if len(element) == 0:
        return [*found, element.text or '']
    return found + [value for child in element for value in values(child)]


def read_xml(text):
    try:
        return values(ElementTree.fromstring(text))
    except ElementTree.ParseError as error:
        return f'refused: {error}'


def main(source, target):
    with open(source, encoding='utf-8') as file:
        documents = json.load(file)
    read = {
        'yaml': [read_yaml(text) for text in documents['yaml']],
        'xml': [read_xml(text) for text in documents['xml']],
    }
    with open(target, 'w', encoding='utf-8') as file:
        json.dump(read, file, default=repr)


main(sys.argv[1], sys.argv[2])

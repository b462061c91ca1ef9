import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSamePerson } from './access.ts';

const by = (name: string, ...makers: string[]) => ({ name, makers });

test('a token and a session of the same principal are one person, and so are a token and whoever made it', () => {
  assert.equal(isSamePerson(by('token ana', 'owner'), by('token ana', 'owner')), true);
  assert.equal(isSamePerson(by('owner'), by('token ana', 'owner')), true);
  assert.equal(isSamePerson(by('token ana', 'owner'), by('owner')), true);
  assert.equal(isSamePerson(by('token deep', 'token ana', 'owner'), by('owner')), true);
  assert.equal(isSamePerson(by('owner'), by('administrator token')), true);
  assert.equal(isSamePerson(by('token ana', 'administrator token'), by('owner')), true);
});

test('two people whose tokens a third made are two people', () => {
  assert.equal(isSamePerson(by('token ana', 'owner'), by('token ben', 'owner')), false);
  assert.equal(isSamePerson(by('ana'), by('ben')), false);
});

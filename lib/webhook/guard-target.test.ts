import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkTargetUrl, parseTargetPolicy, refuseAddress, resolveTarget, TargetRefused } from './guard-target.ts';

const strict = parseTargetPolicy([]);

describe('the target guard', () => {
  const refusedUrls = [
    'https://2130706433/', 'https://0x7f.1/', 'https://0177.0.0.1/', 'https://127.1/', 'https://[::ffff:7f00:1]/', 'https://[::1]/', 'https://[::]/',
    'https://0.0.0.0/', 'https://10.0.0.1/', 'https://172.16.0.1/', 'https://192.168.1.1/', 'https://169.254.1.1/', 'https://100.64.0.1/',
    'https://[fe80::1]/', 'https://[fc00::1]/', 'https://[fec0::1]/', 'https://[64:ff9b::7f00:1]/', 'https://[64:ff9b::808:808]/', 'https://[64:ff9b:1::808:808]/',
    'https://[2002:7f00:1::]/', 'https://[2002:808:808::]/', 'https://[2001:0:53aa:64c:0:0:80ff:fffe]/', 'https://[::7f00:1]/', 'https://[::808:808]/',
    'https://224.0.0.1/', 'https://255.255.255.255/', 'https://198.18.0.1/', 'https://192.0.2.1/', 'https://[2001:db8::1]/', 'https://[ff02::1]/', 'https://240.0.0.1/',
    'https://localhost/', 'https://api.localhost/', 'https://１２７.０.０.１/', 'https://[::ffff:0:127.0.0.1]/',
  ];
  for (const url of refusedUrls) {
    it(`refuses ${url}`, () => {
      assert.throws(() => checkTargetUrl(url, strict), TargetRefused);
    });
  }

  it('refuses plain http, other schemes and credentials', () => {
    for (const url of ['http://example.org/', 'http://8.8.8.8/', 'ftp://example.org/', 'file:///etc/passwd', 'https://a:b@example.org/', 'https://a@example.org/', 'https://example.org:0/', 'nonsense', '']) {
      assert.throws(() => checkTargetUrl(url, strict), TargetRefused, url);
    }
  });

  it('lets public https through', () => {
    for (const url of ['https://example.org/hook?a=b', 'https://8.8.8.8/', 'https://[2606:4700:4700::1111]/']) assert.equal(checkTargetUrl(url, strict).href, new URL(url).href);
  });

  it('opens exactly what the administrator lists, plain http too', () => {
    const policy = parseTargetPolicy(['127.0.0.0/8', '10.1.0.0/16', 'fd12::/16']);
    assert.equal(refuseAddress('127.0.0.1', false, policy), null);
    assert.equal(refuseAddress('::ffff:127.0.0.1', false, policy), null);
    assert.equal(refuseAddress('10.1.2.3', true, policy), null);
    assert.equal(refuseAddress('fd12::1', true, policy), null);
    assert.equal(refuseAddress('10.2.0.1', true, policy)?.code, 'address');
    assert.equal(refuseAddress('8.8.8.8', false, policy)?.code, 'scheme');
    assert.throws(() => parseTargetPolicy(['10.0.0.0/8', 'office']), /"office"/);
  });

  it('never opens cloud metadata, in no disguise, whatever the list says', () => {
    const open = parseTargetPolicy(['0.0.0.0/0', '::/0']);
    for (const address of ['169.254.169.254', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1', '169.254.170.2', '100.100.100.200', '168.63.129.16', 'fd00:ec2::254', 'fd00:0ec2:0:0:0:0:0:254']) {
      assert.equal(refuseAddress(address, true, open)?.code, 'metadata', address);
    }
    assert.throws(() => checkTargetUrl('https://2852039166/latest/meta-data', open), TargetRefused);
  });

  it('does not let a listed tunnel prefix open a private network behind it', () => {
    const policy = parseTargetPolicy(['64:ff9b::/96']);
    assert.equal(refuseAddress('64:ff9b::808:808', true, policy), null);
    assert.notEqual(refuseAddress('64:ff9b::a00:1', true, policy), null);
  });

  it('refuses a name as soon as one of its addresses is forbidden', async () => {
    const mixed = async (): Promise<{ address: string; family: number }[]> => [{ address: '8.8.8.8', family: 4 }, { address: '10.0.0.1', family: 4 }];
    await assert.rejects(resolveTarget('example.org', true, strict, mixed), /resolves to 10\.0\.0\.1/);
    await assert.rejects(resolveTarget('example.org', true, strict, async () => []), TargetRefused);
  });
});

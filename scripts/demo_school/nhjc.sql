-- 校园物联网能耗监测系统（nhjc）：水、电、暖的计量与告警，后勤集团建设，信息中心承担采集网络

create table nh_bj (
    bjbh varchar(20)  primary key,
    nylx varchar(10)  not null,
    azwz varchar(60)  not null,
    fwbh varchar(10),
    bl   numeric(8,2) default 1,
    azrq date
);
comment on table nh_bj is '计量表计档案表';
comment on column nh_bj.bjbh is '表计编号';
comment on column nh_bj.nylx is '能源类型（电、水、热）';
comment on column nh_bj.azwz is '安装位置';
comment on column nh_bj.fwbh is '房屋编号';
comment on column nh_bj.bl is '倍率';
insert into nh_bj values
    ('E-F001-01', '电', '第一教学楼配电间', 'F001', 80.00, '2021-08-20'),
    ('E-F002-01', '电', '实训楼配电间', 'F002', 120.00, '2021-08-20'),
    ('W-F001-01', '水', '第一教学楼进水管', 'F001', 1.00, '2021-08-25');

create table nh_cj (
    bjbh varchar(20)   not null references nh_bj (bjbh),
    cjsj timestamp     not null,
    ds   numeric(14,3) not null,
    gl   numeric(10,3),
    primary key (bjbh, cjsj)
);
comment on table nh_cj is '能耗采集数据表';
comment on column nh_cj.bjbh is '表计编号';
comment on column nh_cj.cjsj is '采集时间';
comment on column nh_cj.ds is '表底读数';
comment on column nh_cj.gl is '瞬时功率（千瓦）';
insert into nh_cj values
    ('E-F001-01', '2024-10-10 08:00:00', 10235.420, 62.300),
    ('E-F001-01', '2024-10-10 08:15:00', 10235.640, 70.100),
    ('E-F002-01', '2024-10-10 08:00:00', 8841.200, 95.500),
    ('W-F001-01', '2024-10-10 08:00:00', 4120.750, NULL);

create table nh_rtj (
    fwbh varchar(10)   not null,
    rq   date          not null,
    nylx varchar(10)   not null,
    yl   numeric(14,3) not null,
    fy   numeric(12,2),
    primary key (fwbh, rq, nylx)
);
comment on table nh_rtj is '楼宇能耗日统计表';
comment on column nh_rtj.fwbh is '房屋编号';
comment on column nh_rtj.rq is '日期';
comment on column nh_rtj.nylx is '能源类型';
comment on column nh_rtj.yl is '用量';
comment on column nh_rtj.fy is '费用（元）';
insert into nh_rtj values
    ('F001', '2024-10-09', '电', 1260.500, 945.38),
    ('F002', '2024-10-09', '电', 2104.000, 1578.00),
    ('F001', '2024-10-09', '水', 86.200, 818.90);

create table nh_gj (
    gjid bigint       primary key,
    bjbh varchar(20)  not null references nh_bj (bjbh),
    gjlx varchar(20)  not null,
    gjsj timestamp,
    clqk varchar(200)
);
comment on table nh_gj is '能耗告警表';
comment on column nh_gj.gjid is '告警编号';
comment on column nh_gj.bjbh is '表计编号';
comment on column nh_gj.gjlx is '告警类型';
comment on column nh_gj.gjsj is '告警时间';
comment on column nh_gj.clqk is '处理情况';
insert into nh_gj values
    (1, 'W-F001-01', '夜间持续用水', '2024-10-06 02:30:00', '检修卫生间阀门'),
    (2, 'E-F002-01', '功率超限', '2024-10-09 14:20:00', '错峰安排实训');

create table nh_wg (
    wgbh   varchar(20) primary key,
    azwz   varchar(60),
    gjbb   varchar(20),
    zxzt   boolean     default true,
    zhtxsj timestamp
);
comment on table nh_wg is '采集网关表';
comment on column nh_wg.wgbh is '网关编号';
comment on column nh_wg.azwz is '安装位置';
comment on column nh_wg.gjbb is '固件版本';
comment on column nh_wg.zxzt is '是否在线';
comment on column nh_wg.zhtxsj is '最后通信时间';
insert into nh_wg values
    ('GW-01', '第一教学楼弱电间', '2.3.1', true, '2024-10-10 08:15:02'),
    ('GW-02', '实训楼弱电间', '2.3.1', true, '2024-10-10 08:15:01');
